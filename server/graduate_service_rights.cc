// GraduateService: the methods by which people decide about a record.
#include "index/pseudonym.h"
#include "server/audit.h"
#include "server/erasures.h"
#include "server/graduate_rights.h"
#include "server/graduate_service.h"
#include "server/purpose.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

// Carries out `body`, which decides about one graduate, once the audit has it.
// What is wrong with the name or the purpose is not kept.
template <typename Request, typename Body>
absl::Status Audited(const Engine& engine, const RpcContext& rpc,
                     const Request& request, Body body) {
  const auto id = ParseGraduateName("name", request.name());
  if (!id.ok()) return id.status();
  absl::Status purpose = CheckPurposeFor(*id, request.purpose());
  if (!purpose.ok()) return purpose;
  return RunAudited(
      engine.audit, rpc,
      {PersonInAudit(engine.pseudonyms.Of(*id)), request.purpose()}, body);
}

}  // namespace

grpc::ServerUnaryReactor* GraduateServiceImpl::GetPreferences(
    grpc::CallbackServerContext* context,
    const v1::GetPreferencesRequest* request, v1::Preferences* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.GetPreferences",
      [this](const RpcContext&, const auto& q, auto& r) -> absl::Status {
        return gradmatch::GetPreferences(runtime_.engine(), q, r);
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::UpdatePreferences(
    grpc::CallbackServerContext* context,
    const v1::UpdatePreferencesRequest* request, v1::Preferences* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.UpdatePreferences",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return gradmatch::UpdatePreferences(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::ListTags(
    grpc::CallbackServerContext* context, const v1::ListTagsRequest* request,
    v1::ListTagsResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.ListTags",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return gradmatch::ListTags(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::DeleteTag(
    grpc::CallbackServerContext* context, const v1::DeleteTagRequest* request,
    google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.DeleteTag",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return gradmatch::DeleteTag(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::ReportPlacement(
    grpc::CallbackServerContext* context,
    const v1::ReportPlacementRequest* request, v1::Graduate* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.ReportPlacement",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return gradmatch::ReportPlacement(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::RevokePlacement(
    grpc::CallbackServerContext* context,
    const v1::RevokePlacementRequest* request, v1::Graduate* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.RevokePlacement",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Audited(runtime_.engine(), rpc, q, [&] {
          return gradmatch::RevokePlacement(runtime_.engine(), rpc, q, r);
        });
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::FreezeGraduate(
    grpc::CallbackServerContext* context,
    const v1::FreezeGraduateRequest* request, v1::Graduate* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.FreezeGraduate",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Audited(runtime_.engine(), rpc, q, [&] {
          return gradmatch::FreezeGraduate(runtime_.engine(), rpc, q, r);
        });
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::UnfreezeGraduate(
    grpc::CallbackServerContext* context,
    const v1::UnfreezeGraduateRequest* request, v1::Graduate* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.UnfreezeGraduate",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Audited(runtime_.engine(), rpc, q, [&] {
          return gradmatch::UnfreezeGraduate(runtime_.engine(), rpc, q, r);
        });
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::EraseGraduate(
    grpc::CallbackServerContext* context,
    const v1::EraseGraduateRequest* request,
    google::longrunning::Operation* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.EraseGraduate",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Audited(runtime_.engine(), rpc, q, [&] {
          return gradmatch::EraseGraduate(runtime_, erasures_, rpc, q, r);
        });
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::GetErasureReceipt(
    grpc::CallbackServerContext* context,
    const v1::GetErasureReceiptRequest* request, v1::ErasureReceipt* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.GetErasureReceipt",
      [this](const RpcContext&, const auto& q, auto& r) -> absl::Status {
        return GetReceipt(erasures_, q, r);
      });
}

}  // namespace gradmatch
