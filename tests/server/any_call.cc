#include "tests/server/any_call.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/impl/client_unary_call.h"
#include "grpcpp/support/sync_stream.h"
#include "server/rpc_status.h"

namespace gradmatch {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

constexpr const char* kFiles[] = {"gradmatch/v1/admin_service.proto",
                                  "gradmatch/v1/code_service.proto",
                                  "gradmatch/v1/content_service.proto",
                                  "gradmatch/v1/feedback_service.proto",
                                  "gradmatch/v1/graduate_service.proto",
                                  "gradmatch/v1/index_service.proto",
                                  "gradmatch/v1/match_service.proto",
                                  "gradmatch/v1/posting_service.proto",
                                  "gradmatch/v1/push_service.proto",
                                  "gradmatch/v1/snapshot_service.proto",
                                  "gradmatch/v1/source_service.proto",
                                  "gradmatch/v1/staff_service.proto",
                                  "gradmatch/v1/token_service.proto",
                                  "google/longrunning/operations.proto"};

std::unique_ptr<Message> New(const google::protobuf::Descriptor& type) {
  return std::unique_ptr<Message>(
      MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

// The last message of a sync stream, or nullptr if the method knows none.
std::unique_ptr<Message> CommitOf(const MethodDescriptor& method) {
  std::unique_ptr<Message> message = New(*method.input_type());
  const auto* field = method.input_type()->FindFieldByName("commit");
  if (field == nullptr) return nullptr;
  message->GetReflection()->MutableMessage(message.get(), field);
  return message;
}

}  // namespace

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const char* file : kFiles) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
            file);
    if (descriptor == nullptr) {
      std::cerr << file << " is not linked into this program\n";
      std::abort();
    }
    for (int i = 0; i < descriptor->service_count(); ++i) {
      for (int j = 0; j < descriptor->service(i)->method_count(); ++j) {
        methods.push_back(descriptor->service(i)->method(j));
      }
    }
  }
  return methods;
}

std::string ShortName(const MethodDescriptor& method) {
  return absl::StrCat(method.service()->name(), ".", method.name());
}

std::unique_ptr<Message> NewRequest(const MethodDescriptor& method) {
  return New(*method.input_type());
}

absl::Status CallAny(const std::shared_ptr<grpc::Channel>& channel,
                     const MethodDescriptor& method, const Message& request,
                     std::unique_ptr<Message>* response) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  const std::string path =
      absl::StrCat("/", method.service()->full_name(), "/", method.name());
  std::unique_ptr<Message> kept;
  std::unique_ptr<Message>& answer = response != nullptr ? *response : kept;
  answer = New(*method.output_type());
  using Kind = grpc::internal::RpcMethod;
  if (!method.client_streaming() && !method.server_streaming()) {
    const Kind rpc(path.c_str(), Kind::NORMAL_RPC);
    return FromGrpcStatus(grpc::internal::BlockingUnaryCall<Message, Message>(
        channel.get(), rpc, &context, request, answer.get()));
  }
  if (!method.client_streaming()) {
    const Kind rpc(path.c_str(), Kind::SERVER_STREAMING);
    std::unique_ptr<grpc::ClientReader<Message>> reader(
        grpc::internal::ClientReaderFactory<Message>::Create(
            channel.get(), rpc, &context, request));
    while (reader->Read(answer.get())) {
    }
    return FromGrpcStatus(reader->Finish());
  }
  std::vector<const Message*> requests = {&request};
  const auto commit = CommitOf(method);
  if (commit != nullptr) requests.push_back(commit.get());
  std::vector<std::unique_ptr<Message>> responses;
  absl::Status status = CallStream(channel, method, requests, responses);
  if (!responses.empty()) answer = std::move(responses.back());
  return status;
}

absl::Status CallStream(const std::shared_ptr<grpc::Channel>& channel,
                        const MethodDescriptor& method,
                        const std::vector<const Message*>& requests,
                        std::vector<std::unique_ptr<Message>>& responses) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
  const std::string path =
      absl::StrCat("/", method.service()->full_name(), "/", method.name());
  using Kind = grpc::internal::RpcMethod;
  const Kind rpc(path.c_str(), Kind::BIDI_STREAMING);
  std::unique_ptr<grpc::ClientReaderWriter<Message, Message>> stream(
      grpc::internal::ClientReaderWriterFactory<Message, Message>::Create(
          channel.get(), rpc, &context));
  for (const Message* request : requests) stream->Write(*request);
  stream->WritesDone();
  for (auto answer = New(*method.output_type()); stream->Read(answer.get());
       answer = New(*method.output_type())) {
    responses.push_back(std::move(answer));
  }
  return FromGrpcStatus(stream->Finish());
}

}  // namespace gradmatch
