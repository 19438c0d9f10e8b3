#include "server/match_graduates.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/catalog.h"
#include "index/daily_budget.h"
#include "index/keys.h"
#include "index/push_store.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/matcher.h"
#include "matcher/push/push_plan.h"
#include "matcher/push/selection.h"
#include "matcher/reverse/graduate_match.h"
#include "server/caller.h"
#include "server/page_token.h"
#include "server/parallel_for.h"
#include "server/posting_kind.h"
#include "server/purpose.h"
#include "server/resource_name.h"
#include "server/source_registry.h"

namespace gradmatch {
namespace {

// The request, checked.
struct Question {
  size_t offset = 0;
  size_t limit = 0;
  std::string staff_id;
};

absl::StatusOr<Question> Parse(const Engine& engine, const RpcContext& rpc,
                               const v1::MatchGraduatesRequest& request) {
  Question question;
  absl::Status purpose = CheckPurpose(request.purpose());
  if (!purpose.ok()) return purpose;
  if (!request.staff().empty()) {
    auto staff = ParseResourceName("staff", "staff/{staff}", request.staff());
    if (!staff.ok()) return staff.status();
    question.staff_id = staff->front();
  }
  absl::Status audience = ValidateAudience("audience", request.audience());
  if (!audience.ok()) return audience;
  const auto size = PageSize(request.page_size(), 20, 100);
  if (!size.ok()) return size.status();
  question.limit = static_cast<size_t>(*size);
  const auto cursor = engine.tokens.Read(rpc.page_scope(), request);
  if (!cursor.ok()) return cursor.status();
  if (!cursor->empty() && !absl::SimpleAtoi(*cursor, &question.offset)) {
    return absl::InternalError("a sealed page token has no offset");
  }
  return question;
}

absl::Status StaffNotFound(const std::string& name) {
  return MakeError(absl::StatusCode::kNotFound, kStaffNotFound,
                   absl::StrCat("没有工作人员 ", name, "；请核对名称"),
                   {{"name", name}});
}

// Says no number: how many fit is what a small group must not tell.
absl::Status GroupTooSmall(int64_t least) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition, kGroupTooSmall,
      absl::StrCat("符合条件且可以查看的毕业生不足 ", least,
                   " 人（或职位未开放、已截止），为避免识别个人不予显示；请放宽"
                   "筛选条件"),
      {{"min_group", absl::StrCat(least)}});
}

absl::Status BudgetUsedUp(absl::Time now, int64_t limit) {
  return Overloaded(kBudgetUsedUp,
                    absl::StrCat("今天可查看的毕业生人次已用完（每日 ", limit,
                                 "，北京时间零点起重新计算）；请明天再试"),
                    absl::ToInt64Milliseconds(NextDayInChina(now) - now));
}

// One call from its checked request to the answer.
class Call {
 public:
  Call(Runtime& runtime, const MatchGraduatesOptions& options,
       const GraduateReaderHooks& hooks, const RpcContext& rpc,
       const v1::MatchGraduatesRequest& request, Question question)
      : runtime_(runtime),
        engine_(runtime.engine()),
        options_(options),
        hooks_(hooks),
        rpc_(rpc),
        request_(request),
        question_(std::move(question)),
        now_(runtime.clock.Now()) {}

  absl::Status Run(v1::MatchGraduatesResponse& response);

 private:
  absl::Status Answer(v1::MatchGraduatesResponse& response);
  absl::StatusOr<FoundGraduates> Find(const v1::Posting& posting) const;
  absl::StatusOr<std::optional<v1::GraduateMatch>> Describe(
      const v1::Posting& posting, const FoundGraduate& found) const;
  absl::Status FillPage(const v1::Posting& posting, const FoundGraduates& found,
                        v1::MatchGraduatesResponse& response);
  absl::Status Audit(const absl::Status& outcome) const;

  Runtime& runtime_;
  const Engine& engine_;
  const MatchGraduatesOptions& options_;
  const GraduateReaderHooks& hooks_;
  const RpcContext& rpc_;
  const v1::MatchGraduatesRequest& request_;
  const Question question_;
  const absl::Time now_;
  std::vector<std::string> shown_;
};

absl::Status Call::Run(v1::MatchGraduatesResponse& response) {
  const absl::Status outcome = Answer(response);
  absl::Status audited = Audit(outcome);
  return audited.ok() ? outcome : audited;
}

absl::Status Call::Audit(const absl::Status& outcome) const {
  if (!hooks_.audit) return absl::OkStatus();
  GraduateAccess access;
  access.method = std::string(rpc_.method());
  access.posting = request_.posting();
  access.staff = request_.staff();
  access.caller = rpc_.caller();
  access.purpose = request_.purpose();
  access.time = now_;
  if (outcome.ok()) {
    access.graduate_keys = shown_;
  } else {
    access.reason = ReasonOf(outcome);
    if (access.reason.empty()) access.reason = kInternal;
  }
  return hooks_.audit(access);
}

absl::StatusOr<FoundGraduates> Call::Find(const v1::Posting& posting) const {
  GraduateSearch search;
  search.audience = request_.audience();
  search.max_ranked = options_.max_ranked;
  search.stop = [this] { return rpc_.Check(); };
  search.parallel = MakeParallelFor(runtime_.workers);
  if (!question_.staff_id.empty()) {
    if (!hooks_.scope_of) return StaffNotFound(request_.staff());
    auto scope = hooks_.scope_of(question_.staff_id);
    if (!scope.ok()) return scope.status();
    search.in_scope = *std::move(scope);
  }
  const auto ids = ParsePostingName("posting", posting.name());
  if (!ids.ok()) return ids.status();
  const auto source = engine_.sources.Get(ids->source);
  if (!source.ok()) return source.status();
  return FindGraduates({engine_.store, engine_.catalog, engine_.encoder},
                       posting, source->sandbox(), search, now_,
                       engine_.matcher.weights());
}

absl::Status Call::Answer(v1::MatchGraduatesResponse& response) {
  absl::Status may =
      MayReadGraduates(rpc_.caller().role, !question_.staff_id.empty());
  if (!may.ok()) return may;
  const auto posting = ReadPosting(engine_, "posting", request_.posting());
  if (!posting.ok()) return posting.status();
  // Before the work: nothing comes of it when nobody may be shown.
  auto taken = engine_.graduates_shown.Take(now_, 0, options_.daily_budget);
  if (!taken.ok()) return taken.status();
  if (taken->left == 0) return BudgetUsedUp(now_, options_.daily_budget);

  const auto found = Find(*posting);
  if (!found.ok()) return found.status();
  if (static_cast<int64_t>(found->fitting) < options_.min_group) {
    return GroupTooSmall(options_.min_group);
  }
  response.set_eligible_about(static_cast<int64_t>(found->fitting / 10 * 10));
  v1::AnswerVersions& versions = *response.mutable_versions();
  versions.set_generation(static_cast<int64_t>(
      engine_.catalog.CurrentSnapshot(CollectionId::kGraduates)->generation()));
  versions.set_encoder(engine_.encoder.info().id);
  versions.set_ranker(std::string(engine_.matcher.weights().version));
  return FillPage(*posting, *found, response);
}

absl::Status Call::FillPage(const v1::Posting& posting,
                            const FoundGraduates& found,
                            v1::MatchGraduatesResponse& response) {
  const size_t begin = std::min(question_.offset, found.best.size());
  const size_t wanted = std::min(question_.limit, found.best.size() - begin);
  const auto taken = engine_.graduates_shown.Take(
      now_, static_cast<int64_t>(wanted), options_.daily_budget);
  if (!taken.ok()) return taken.status();
  // Others may have been shown meanwhile.
  if (wanted > 0 && taken->granted == 0) {
    return BudgetUsedUp(now_, options_.daily_budget);
  }
  response.set_budget_left(taken->left);
  const size_t end = begin + static_cast<size_t>(taken->granted);
  for (size_t i = begin; i < end; ++i) {
    auto match = Describe(posting, found.best[i]);
    if (!match.ok()) return match.status();
    if (!match->has_value()) continue;
    (*match)->set_rank(static_cast<int32_t>(i + 1));
    *response.add_matches() = **std::move(match);
    shown_.push_back(found.best[i].key);
  }
  if (end < found.best.size()) {
    response.set_next_page_token(
        engine_.tokens.Make(rpc_.page_scope(), request_, absl::StrCat(end)));
  }
  return absl::OkStatus();
}

// Nullopt when the graduate left the service since the search.
absl::StatusOr<std::optional<v1::GraduateMatch>> Call::Describe(
    const v1::Posting& posting, const FoundGraduate& found) const {
  const auto record = engine_.catalog.Get(CollectionId::kGraduates, found.key);
  if (absl::IsNotFound(record.status())) return std::nullopt;
  if (!record.ok()) return record.status();
  if (!record->head.exists) return std::nullopt;
  const auto graduate = GraduateFromRecord(*record);
  if (!graduate.ok()) return graduate.status();
  if (SelectForPush(*graduate, request_.audience(), now_) !=
      Suppression::kNone) {
    return std::nullopt;
  }
  auto match = DescribeGraduate(engine_.encoder, posting, *graduate,
                                found.score, now_, engine_.matcher.weights());
  if (!match.ok()) return match.status();
  const auto ledger = PushStore(engine_.store).Ledger(found.key);
  if (!ledger.ok()) return ledger.status();
  match->set_pushed(
      IsAbout(*ledger, PostingKeyOfName(posting.name()).value_or(""), posting));
  return std::optional<v1::GraduateMatch>(*std::move(match));
}

}  // namespace

absl::Status MatchGraduates(Runtime& runtime,
                            const MatchGraduatesOptions& options,
                            const GraduateReaderHooks& hooks,
                            const RpcContext& rpc,
                            const v1::MatchGraduatesRequest& request,
                            v1::MatchGraduatesResponse& response) {
  auto question = Parse(runtime.engine(), rpc, request);
  if (!question.ok()) return question.status();
  return Call(runtime, options, hooks, rpc, request, *std::move(question))
      .Run(response);
}

}  // namespace gradmatch
