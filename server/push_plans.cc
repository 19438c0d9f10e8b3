#include "server/push_plans.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/content_hash.h"
#include "matcher/push/push_plan.h"
#include "matcher/push/push_schedule.h"
#include "server/field_mask.h"
#include "server/idempotency.h"
#include "server/page_token.h"
#include "server/push_names.h"
#include "server/resource_name.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

using MaybePlan = std::optional<v1::PushPlan>;

// Sets what the server decides. `stored`: what is there now.
void Stamp(const std::string& plan_id, const MaybePlan& stored, absl::Time now,
           v1::PushPlan& plan) {
  plan.set_name(PushPlanNameOf(plan_id));
  *plan.mutable_update_time() = ToTimestamp(now);
  *plan.mutable_create_time() =
      stored.has_value() ? stored->create_time() : plan.update_time();
  StampSchedule(stored.has_value() ? &*stored : nullptr, now, plan);
  // The etag before goes into the new one: no two versions share one.
  plan.set_etag(stored.has_value() ? stored->etag() : "");
  plan.set_etag(
      absl::StrFormat("%016x", ContentHash(plan.SerializeAsString())));
}

absl::Status CheckEtag(const std::string& etag, const v1::PushPlan& stored) {
  if (etag.empty() || etag == stored.etag()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kAborted, kEtagMismatch,
                   absl::StrCat("推送计划 ", stored.name(),
                                " 已被他人修改；请重新读取后再提交"),
                   {{"etag", stored.etag()}});
}

absl::Status CheckPlan(const std::string& plan_id, const v1::PushPlan& plan) {
  absl::Status valid = ValidatePlan(plan);
  return valid.ok() ? ValidateSchedule(plan_id, plan) : valid;
}

// Answers with the plan, kept for repeats.
PushStore::PlanAlso KeepAnswer(const AnswerLog& answers) {
  return [&answers](const MaybePlan& plan) {
    WriteBatch batch;
    answers.AddTo(batch, *plan);
    return batch;
  };
}

}  // namespace

absl::Status CreatePlan(const Runtime& runtime, PushStore& store,
                        const RpcContext& rpc,
                        const v1::CreatePushPlanRequest& request,
                        v1::PushPlan& response) {
  const std::string& id = request.push_plan_id();
  absl::Status valid = CheckPushId("push_plan_id", id, kMaxPlanIdLength);
  if (!valid.ok()) return valid;
  valid = CheckPlan(id, request.push_plan());
  if (!valid.ok()) return valid;
  return RunIdempotent(
      runtime.engine().requests, rpc, request, response,
      [&](const AnswerLog& answers) {
        return store.ChangePlan(
            id,
            [&](const MaybePlan& stored) -> absl::StatusOr<MaybePlan> {
              if (stored.has_value()) {
                return MakeError(
                    absl::StatusCode::kAlreadyExists, kAlreadyExists,
                    absl::StrCat("推送计划 ", stored->name(),
                                 " 已存在；请换一个 push_plan_id 或改用 "
                                 "UpdatePushPlan"));
              }
              response = request.push_plan();
              Stamp(id, stored, runtime.clock.Now(), response);
              return MaybePlan(response);
            },
            KeepAnswer(answers));
      });
}

absl::Status GetPlan(const PushStore& store,
                     const v1::GetPushPlanRequest& request,
                     v1::PushPlan& response) {
  const auto id = ParsePushPlanName("name", request.name());
  if (!id.ok()) return id.status();
  auto plan = store.GetPlan(*id);
  if (!plan.ok()) return plan.status();
  if (!plan->has_value()) return PushPlanNotFound(request.name());
  response = **std::move(plan);
  return absl::OkStatus();
}

absl::Status ListPlans(const Runtime& runtime, const PushStore& store,
                       const RpcContext& rpc,
                       const v1::ListPushPlansRequest& request,
                       v1::ListPushPlansResponse& response) {
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const PageTokens& tokens = runtime.engine().tokens;
  const auto after = tokens.Read(rpc.page_scope(), request);
  if (!after.ok()) return after.status();
  auto plans = store.ListPlans(*after, *size + 1);
  if (!plans.ok()) return plans.status();
  const bool more = plans->size() > static_cast<size_t>(*size);
  if (more) plans->pop_back();
  for (v1::PushPlan& plan : *plans) {
    *response.add_push_plans() = std::move(plan);
  }
  if (more) {
    const std::string& last = response.push_plans().rbegin()->name();
    response.set_next_page_token(
        tokens.Make(rpc.page_scope(), request, LastPart(last)));
  }
  return absl::OkStatus();
}

absl::Status UpdatePlan(const Runtime& runtime, PushStore& store,
                        const RpcContext& rpc,
                        const v1::UpdatePushPlanRequest& request,
                        v1::PushPlan& response) {
  const auto id =
      ParsePushPlanName("push_plan.name", request.push_plan().name());
  if (!id.ok()) return id.status();
  const auto change =
      [&](const MaybePlan& stored) -> absl::StatusOr<MaybePlan> {
    if (!stored.has_value()) {
      // Who names an etag has seen the plan: it has gone since.
      if (!request.allow_missing() || !request.push_plan().etag().empty()) {
        return PushPlanNotFound(request.push_plan().name());
      }
      absl::Status valid = CheckPushId("push_plan.name", *id, kMaxPlanIdLength);
      if (!valid.ok()) return valid;
      response = request.push_plan();
    } else {
      absl::Status same = CheckEtag(request.push_plan().etag(), *stored);
      if (!same.ok()) return same;
      response = *stored;
      absl::Status merged = ApplyFieldMask("update_mask", request.update_mask(),
                                           request.push_plan(), response);
      if (!merged.ok()) return merged;
    }
    absl::Status valid = CheckPlan(*id, response);
    if (!valid.ok()) return valid;
    Stamp(*id, stored, runtime.clock.Now(), response);
    return MaybePlan(response);
  };
  return RunIdempotent(runtime.engine().requests, rpc, request, response,
                       [&](const AnswerLog& answers) {
                         return store.ChangePlan(*id, change,
                                                 KeepAnswer(answers));
                       });
}

absl::Status DeletePlan(const Runtime& runtime, PushStore& store,
                        const RpcContext& rpc,
                        const v1::DeletePushPlanRequest& request,
                        google::protobuf::Empty& response) {
  const auto id = ParsePushPlanName("name", request.name());
  if (!id.ok()) return id.status();
  const auto change =
      [&](const MaybePlan& stored) -> absl::StatusOr<MaybePlan> {
    if (!stored.has_value()) return PushPlanNotFound(request.name());
    absl::Status same = CheckEtag(request.etag(), *stored);
    if (!same.ok()) return same;
    return MaybePlan();
  };
  return RunIdempotent(runtime.engine().requests, rpc, request, response,
                       [&](const AnswerLog& answers) {
                         return store.ChangePlan(
                             *id, change, [&](const MaybePlan&) {
                               WriteBatch batch;
                               answers.AddTo(batch, google::protobuf::Empty());
                               return batch;
                             });
                       });
}

}  // namespace gradmatch
