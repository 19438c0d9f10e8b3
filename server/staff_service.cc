#include "server/staff_service.h"

#include <string>
#include <utility>
#include <vector>

#include "server/field_mask.h"
#include "server/hand_recommendations.h"
#include "server/idempotency.h"
#include "server/page_token.h"
#include "server/resource_name.h"
#include "server/staff_checks.h"
#include "server/staff_digest.h"
#include "server/staff_registry.h"

namespace gradmatch {
namespace {

StaffRegistry::Also KeepAnswer(const AnswerLog& answers) {
  return [&answers](const v1::Staff& staff, WriteBatch& batch) {
    answers.AddTo(batch, staff);
  };
}

absl::Status Create(const Engine& engine, const RpcContext& rpc,
                    const v1::CreateStaffRequest& request,
                    v1::Staff& response) {
  absl::Status valid = CheckStaffId("staff_id", request.staff_id());
  if (valid.ok()) valid = CheckStaff(request.staff());
  if (!valid.ok()) return valid;
  return RunIdempotent(engine.requests, rpc, request, response,
                       [&](const AnswerLog& answers) -> absl::Status {
                         auto staff = engine.staff.Put(
                             request.staff_id(),
                             {.must_not_exist = true, .etag = ""},
                             [&](v1::Staff& s) {
                               s = request.staff();
                               return absl::OkStatus();
                             },
                             KeepAnswer(answers));
                         if (staff.ok()) response = *std::move(staff);
                         return staff.status();
                       });
}

absl::Status Update(const Engine& engine, const RpcContext& rpc,
                    const v1::UpdateStaffRequest& request,
                    v1::Staff& response) {
  const auto id = ParseStaffName("staff.name", request.staff().name());
  if (!id.ok()) return id.status();
  absl::Status valid = CheckStaffId("staff.name", *id);
  if (!valid.ok()) return valid;
  const auto merge = [&](v1::Staff& staff) {
    absl::Status masked = ApplyFieldMask("update_mask", request.update_mask(),
                                         request.staff(), staff);
    return masked.ok() ? CheckStaff(staff) : masked;
  };
  return RunIdempotent(engine.requests, rpc, request, response,
                       [&](const AnswerLog& answers) -> absl::Status {
                         auto staff = engine.staff.Put(
                             *id,
                             {.must_exist = !request.allow_missing(),
                              .etag = request.staff().etag()},
                             merge, KeepAnswer(answers));
                         if (staff.ok()) response = *std::move(staff);
                         return staff.status();
                       });
}

absl::Status Delete(const Engine& engine, const RpcContext& rpc,
                    const v1::DeleteStaffRequest& request,
                    google::protobuf::Empty& response) {
  const auto id = ParseStaffName("name", request.name());
  if (!id.ok()) return id.status();
  return RunIdempotent(engine.requests, rpc, request, response,
                       [&](const AnswerLog& answers) -> absl::Status {
                         WriteBatch also;
                         answers.AddTo(also, response);
                         return engine.staff.Delete(*id, request.etag(), also);
                       });
}

absl::Status List(const Engine& engine, const RpcContext& rpc,
                  const v1::ListStaffRequest& request,
                  v1::ListStaffResponse& response) {
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const auto cursor = engine.tokens.Read(rpc.page_scope(), request);
  if (!cursor.ok()) return cursor.status();
  std::vector<v1::Staff> staff = engine.staff.List(*cursor, *size + 1);
  const bool more = staff.size() > static_cast<size_t>(*size);
  if (more) staff.pop_back();
  for (v1::Staff& one : staff) *response.add_staff() = std::move(one);
  if (!more) return absl::OkStatus();
  const auto last = ParseStaffName("name", response.staff(*size - 1).name());
  if (!last.ok()) return absl::InternalError("a stored name is invalid");
  response.set_next_page_token(
      engine.tokens.Make(rpc.page_scope(), request, *last));
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* StaffServiceImpl::CreateStaff(
    grpc::CallbackServerContext* context, const v1::CreateStaffRequest* request,
    v1::Staff* response) {
  return RunUnary(
      runtime_, context, request, response, "StaffService.CreateStaff",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Create(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* StaffServiceImpl::GetStaff(
    grpc::CallbackServerContext* context, const v1::GetStaffRequest* request,
    v1::Staff* response) {
  return RunUnary(
      runtime_, context, request, response, "StaffService.GetStaff",
      [this](const RpcContext&, const auto& q, auto& r) -> absl::Status {
        const auto id = ParseStaffName("name", q.name());
        if (!id.ok()) return id.status();
        auto staff = runtime_.engine().staff.Get(*id);
        if (staff.ok()) r = *std::move(staff);
        return staff.status();
      });
}

grpc::ServerUnaryReactor* StaffServiceImpl::ListStaff(
    grpc::CallbackServerContext* context, const v1::ListStaffRequest* request,
    v1::ListStaffResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "StaffService.ListStaff",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return List(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* StaffServiceImpl::UpdateStaff(
    grpc::CallbackServerContext* context, const v1::UpdateStaffRequest* request,
    v1::Staff* response) {
  return RunUnary(
      runtime_, context, request, response, "StaffService.UpdateStaff",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Update(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* StaffServiceImpl::DeleteStaff(
    grpc::CallbackServerContext* context, const v1::DeleteStaffRequest* request,
    google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response, "StaffService.DeleteStaff",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Delete(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* StaffServiceImpl::GetStaffDigest(
    grpc::CallbackServerContext* context,
    const v1::GetStaffDigestRequest* request, v1::StaffDigest* response) {
  return RunUnary(
      runtime_, context, request, response, "StaffService.GetStaffDigest",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        const auto store = push_store_();
        if (!store.ok()) return store.status();
        return gradmatch::GetStaffDigest(runtime_, **store, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* StaffServiceImpl::RecommendPosting(
    grpc::CallbackServerContext* context,
    const v1::RecommendPostingRequest* request,
    v1::HandRecommendation* response) {
  return RunUnary(
      runtime_, context, request, response, "StaffService.RecommendPosting",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        const auto store = push_store_();
        if (!store.ok()) return store.status();
        return gradmatch::RecommendPosting(runtime_, **store, push_reasons_,
                                           rpc, q, r);
      });
}

grpc::ServerUnaryReactor* StaffServiceImpl::ListHandRecommendations(
    grpc::CallbackServerContext* context,
    const v1::ListHandRecommendationsRequest* request,
    v1::ListHandRecommendationsResponse* response) {
  return RunUnary(
      runtime_, context, request, response,
      "StaffService.ListHandRecommendations",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return gradmatch::ListHandRecommendations(runtime_, rpc, q, r);
      });
}

}  // namespace gradmatch
