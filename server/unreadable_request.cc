#include "server/unreadable_request.h"

#include <string>

#include "absl/strings/str_replace.h"
#include "google/protobuf/descriptor.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/rpc_status.h"

namespace gradmatch {
namespace {

using grpc::experimental::InterceptionHookPoints;

// "/gradmatch.v1.PostingService/GetPosting" is a method of our descriptors.
bool IsKnownMethod(std::string path) {
  if (path.empty()) return false;
  const std::string name = absl::StrReplaceAll(path.substr(1), {{"/", "."}});
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
             name) != nullptr;
}

absl::Status Unreadable() {
  FieldError error;
  error.field = "(request)";
  error.value = "";
  error.allowed = "该方法请求类型的 protobuf 消息，文字均为 UTF-8";
  return InvalidField(kEncodingInvalid, error);
}

class Interceptor final : public grpc::experimental::Interceptor {
 public:
  void Intercept(
      grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_STATUS)) {
      const grpc::Status status = methods->GetSendStatus();
      // Our own answers carry details; gRPC's carries nothing.
      if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED &&
          status.error_details().empty()) {
        methods->ModifySendStatus(ToGrpcStatus(Unreadable()));
      }
    }
    methods->Proceed();
  }
};

class Factory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    return IsKnownMethod(info->method()) ? new Interceptor() : nullptr;
  }
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewUnreadableRequestInterceptor() {
  return std::make_unique<Factory>();
}

}  // namespace gradmatch
