#include "server/push_runs.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "index/vault/sealed_store.h"
#include "matcher/push/push_export.h"
#include "matcher/push/push_plan.h"
#include "server/idempotency.h"
#include "server/operation_provider.h"
#include "server/page_token.h"
#include "server/push_names.h"
#include "server/resource_name.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

constexpr size_t kItemsPerMessage = 200;

absl::Status RunIdReused(std::string_view run_id) {
  return MakeError(absl::StatusCode::kFailedPrecondition, kRunIdReused,
                   absl::StrCat("批次号 ", A(run_id),
                                " 已用于另一个推送计划或修改前的计划；请换一个 "
                                "push_run_id，或用 GetPushRun 查看原批次"),
                   {{"push_run_id", std::string(run_id)}});
}

// A repeat must mean the run that is there: the same plan by name, and unless
// the plan is gone by now, by content.
absl::Status CheckSameRun(const v1::StoredPushRun& run,
                          const v1::RunPushPlanRequest& request,
                          const std::optional<v1::PushPlan>& plan) {
  const bool same_content =
      !plan.has_value() || PlanHash(*plan) == run.checkpoint().plan_hash();
  if (run.run().push_plan() == request.name() && same_content) {
    return absl::OkStatus();
  }
  return RunIdReused(request.push_run_id());
}

v1::StoredPushRun NewRun(const v1::RunPushPlanRequest& request,
                         const v1::PushPlan& plan, absl::Time now) {
  v1::StoredPushRun stored;
  v1::PushRun& run = *stored.mutable_run();
  run.set_name(PushRunNameOf(request.push_run_id()));
  run.set_push_plan(request.name());
  *run.mutable_plan() = plan;
  run.set_state(v1::PushRun::STATE_PENDING);
  *run.mutable_create_time() = ToTimestamp(now);
  run.set_operation(OperationNameOf(OperationIdOfRun(request.push_run_id())));
  stored.mutable_checkpoint()->set_plan_hash(PlanHash(plan));
  return stored;
}

v1::StoredOperation OperationOf(const v1::StoredPushRun& run, absl::Time now) {
  v1::StoredOperation operation;
  operation.set_name(run.run().operation());
  operation.set_push_run(run.run().name());
  operation.set_create_time_micros(absl::ToUnixMicros(now));
  return operation;
}

absl::StatusOr<int64_t> ParseNumber(std::string_view field,
                                    std::string_view text) {
  int64_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= 0) {
    return number;
  }
  return InvalidField(kPageTokenInvalid, {std::string(field), std::string(text),
                                          "服务端给出的值，原样传回", ""});
}

}  // namespace

absl::Status RunPlan(const Runtime& runtime, PushRunner& runner,
                     const RpcContext& rpc,
                     const v1::RunPushPlanRequest& request,
                     google::longrunning::Operation& response) {
  const auto plan_id = ParsePushPlanName("name", request.name());
  if (!plan_id.ok()) return plan_id.status();
  const std::string& run_id = request.push_run_id();
  absl::Status valid = CheckPushId("push_run_id", run_id, kMaxRunIdLength);
  if (!valid.ok()) return valid;
  auto store = runner.store();
  if (!store.ok()) return store.status();
  return RunIdempotent(
      runtime.engine().requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        auto plan = (*store)->GetPlan(*plan_id);
        if (!plan.ok()) return plan.status();
        auto known = (*store)->GetRun(run_id);
        if (!known.ok()) return known.status();
        if (!plan->has_value() && !known->has_value()) {
          return PushPlanNotFound(request.name());
        }
        if (!known->has_value() && (*plan)->priority_floor() > 0) {
          absl::Status keys = runtime.engine().sealed.CheckKeys();
          if (!keys.ok()) return keys;
        }
        const absl::Time now = runtime.clock.Now();
        const v1::StoredPushRun wanted =
            known->has_value() ? **known : NewRun(request, **plan, now);
        WriteBatch also;
        answers.AddTo(also, MakeOperation(runner, wanted));
        auto made =
            (*store)->CreateRun(run_id, wanted, OperationIdOfRun(run_id),
                                OperationOf(wanted, now), also);
        if (!made.ok()) return made.status();
        if (made->created) {
          runner.Enqueue(run_id);
        } else {
          absl::Status same = CheckSameRun(made->run, request, *plan);
          if (!same.ok()) return same;
          // The operation may have been deleted since.
          absl::Status kept = (*store)->PutOperation(
              OperationIdOfRun(run_id), OperationOf(made->run, now));
          if (!kept.ok()) return kept;
          kept = answers.Keep(runtime.engine().store,
                              MakeOperation(runner, made->run));
          if (!kept.ok()) return kept;
        }
        response = MakeOperation(runner, made->run);
        return absl::OkStatus();
      });
}

absl::StatusOr<bool> CreateRunOf(const Runtime& runtime, PushRunner& runner,
                                 const v1::PushPlan& plan,
                                 const std::string& run_id) {
  auto store = runner.store();
  if (!store.ok()) return store.status();
  if (plan.priority_floor() > 0) {
    absl::Status keys = runtime.engine().sealed.CheckKeys();
    if (!keys.ok()) return keys;
  }
  v1::RunPushPlanRequest request;
  request.set_name(plan.name());
  request.set_push_run_id(run_id);
  const absl::Time now = runtime.clock.Now();
  const v1::StoredPushRun run = NewRun(request, plan, now);
  auto made = (*store)->CreateRun(run_id, run, OperationIdOfRun(run_id),
                                  OperationOf(run, now));
  if (!made.ok()) return made.status();
  if (made->created) runner.Enqueue(run_id);
  return made->created;
}

absl::Status GetRun(const PushStore& store,
                    const v1::GetPushRunRequest& request,
                    v1::PushRun& response) {
  const auto id = ParsePushRunName("name", request.name());
  if (!id.ok()) return id.status();
  auto run = ReadRun(store, *id, request.name());
  if (!run.ok()) return run.status();
  response = std::move(*run->mutable_run());
  return absl::OkStatus();
}

absl::Status ListRuns(const Runtime& runtime, const PushStore& store,
                      const RpcContext& rpc,
                      const v1::ListPushRunsRequest& request,
                      v1::ListPushRunsResponse& response) {
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const PageTokens& tokens = runtime.engine().tokens;
  const auto after = tokens.Read(rpc.page_scope(), request);
  if (!after.ok()) return after.status();
  auto runs = store.ListRuns(*after, *size + 1);
  if (!runs.ok()) return runs.status();
  const bool more = runs->size() > static_cast<size_t>(*size);
  if (more) runs->pop_back();
  for (v1::StoredPushRun& run : *runs) {
    *response.add_push_runs() = std::move(*run.mutable_run());
  }
  if (more) {
    const std::string& last = response.push_runs().rbegin()->name();
    response.set_next_page_token(
        tokens.Make(rpc.page_scope(), request, LastPart(last)));
  }
  return absl::OkStatus();
}

absl::Status CancelRun(const Runtime& runtime, PushRunner& runner,
                       const RpcContext& rpc,
                       const v1::CancelPushRunRequest& request,
                       v1::PushRun& response) {
  const auto id = ParsePushRunName("name", request.name());
  if (!id.ok()) return id.status();
  auto store = runner.store();
  if (!store.ok()) return store.status();
  return RunIdempotent(runtime.engine().requests, rpc, request, response,
                       [&](const AnswerLog& answers) -> absl::Status {
                         auto run = ReadRun(**store, *id, request.name());
                         if (!run.ok()) return run.status();
                         WriteBatch also;
                         answers.AddTo(also, run->run());
                         auto cancelled = runner.Cancel(*id, also);
                         if (!cancelled.ok()) return cancelled.status();
                         response = std::move(*cancelled->mutable_run());
                         return absl::OkStatus();
                       });
}

absl::Status ListItems(const Runtime& runtime, const PushStore& store,
                       const RpcContext& rpc,
                       const v1::ListPushItemsRequest& request,
                       v1::ListPushItemsResponse& response) {
  const auto run_id = ParsePushRunName("parent", request.parent());
  if (!run_id.ok()) return run_id.status();
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const PageTokens& tokens = runtime.engine().tokens;
  const auto cursor = tokens.Read(rpc.page_scope(), request);
  if (!cursor.ok()) return cursor.status();
  const auto first = ParseNumber("page_token", cursor->empty() ? "0" : *cursor);
  if (!first.ok()) return first.status();
  const auto run = ReadRun(store, *run_id, request.parent());
  if (!run.ok()) return run.status();

  absl::StatusOr<std::vector<PushStore::NumberedItem>> items;
  if (request.graduate().empty()) {
    items = store.ReadItems(*run_id, *first, *size + 1);
  } else {
    const auto graduate = ParseGraduateName("graduate", request.graduate());
    if (!graduate.ok()) return graduate.status();
    items = store.ItemsOfGraduate(
        *run_id, GraduateKey(runtime.engine().pseudonyms.Of(*graduate)));
    if (items.ok()) {
      std::erase_if(*items, [&](const auto& i) { return i.number < *first; });
    }
  }
  if (!items.ok()) return items.status();
  for (PushStore::NumberedItem& item : *items) {
    if (response.push_items_size() == *size) {
      response.set_next_page_token(
          tokens.Make(rpc.page_scope(), request, absl::StrCat(item.number)));
      break;
    }
    *response.add_push_items() = std::move(item.item);
  }
  return absl::OkStatus();
}

absl::StatusOr<NextMessage<v1::StreamPushItemsResponse>> StreamItems(
    const Runtime& runtime, const PushStore& store,
    const v1::StreamPushItemsRequest& request) {
  const auto run_id = ParsePushRunName("parent", request.parent());
  if (!run_id.ok()) return run_id.status();
  const Engine& engine = runtime.engine();
  const std::string purpose = absl::StrCat("push-items/", *run_id);
  int64_t first = 0;
  if (!request.cursor().empty()) {
    auto opened = engine.tokens.Open(purpose, "cursor", request.cursor());
    if (!opened.ok()) return opened.status();
    auto number = ParseNumber("cursor", *opened);
    if (!number.ok()) return number.status();
    first = *number;
  }
  const auto run = ReadRun(store, *run_id, request.parent());
  if (!run.ok()) return run.status();
  if (run->run().state() != v1::PushRun::STATE_READY &&
      run->run().state() != v1::PushRun::STATE_CANCELLED) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, kRunNotReady,
        absl::StrCat(
            "批次 ", request.parent(), " 处于 ",
            v1::PushRun::State_Name(run->run().state()),
            "，READY 或 CANCELLED 后才能读取；可用 WaitOperation 等待"));
  }
  return
      [&runtime, &store, &engine, purpose, run_id = *run_id,
       intent_only = request.intent_only(), first](
          const RpcContext& rpc, v1::StreamPushItemsResponse& response) mutable
      -> absl::StatusOr<bool> {
        // A message without items says nothing: read on past what is left out.
        while (response.push_items().empty()) {
          absl::Status go_on = rpc.Check();
          if (!go_on.ok()) return go_on;
          auto numbered = store.ReadItems(run_id, first, kItemsPerMessage);
          if (!numbered.ok()) return numbered.status();
          if (numbered->empty()) return false;
          first = numbered->back().number + 1;
          std::vector<v1::PushItem> items;
          for (auto& item : *numbered) items.push_back(std::move(item.item));
          absl::Status looked = SuppressStale(
              engine.catalog,
              [&](std::string_view id) {
                return GraduateKey(engine.pseudonyms.Of(id));
              },
              runtime.clock.Now(), items);
          if (!looked.ok()) return looked;
          for (v1::PushItem& item : items) {
            if (intent_only && item.state() != v1::PushItem::STATE_INTENT)
              continue;
            *response.add_push_items() = std::move(item);
          }
        }
        response.set_cursor(engine.tokens.Seal(purpose, absl::StrCat(first)));
        return true;
      };
}

}  // namespace gradmatch
