#include "server/match_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "matcher/eligibility.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/ingest.h"
#include "matcher/ingest/normalize_graduate.h"
#include "matcher/matcher.h"
#include "matcher/push/dismissed.h"
#include "server/answer_token.h"
#include "server/audit.h"
#include "server/content_matching.h"
#include "server/graduate_kind.h"
#include "server/match_batch.h"
#include "server/page_token.h"
#include "server/posting_kind.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxSearchText = 2'000;
constexpr int kMaxRegions = 50;

// The profile as it would be stored, or what is wrong with it.
absl::StatusOr<v1::Profile> AcceptProfile(const v1::Profile& profile) {
  v1::Graduate graduate;
  graduate.set_name("graduates/unnamed");
  *graduate.mutable_profile() = profile;
  const std::vector<v1::RowError> errors = ValidateGraduate(graduate);
  if (!errors.empty()) {
    return RowStatus(v1::SyncRowResult::STATUS_REJECTED,
                     absl::StatusCode::kInvalidArgument, "", errors, "");
  }
  NormalizeGraduate(graduate);
  return std::move(*graduate.mutable_profile());
}

absl::Status CheckRegions(const v1::SearchPostingsRequest& request) {
  FieldChecks checks;
  checks.Count("regions", request.regions_size(), kMaxRegions);
  for (int i = 0; i < request.regions_size(); ++i) {
    const std::string field = Indexed("regions", i);
    checks.Required(field, request.regions(i));
    v1::Code code;
    code.set_system("region");
    code.set_code(request.regions(i));
    checks.Code(field, code, kRegionSystems);
  }
  if (checks.ok()) return absl::OkStatus();
  std::vector<v1::RowError> errors = checks.Take();
  for (v1::RowError& error : errors) {
    // The request has the bare code where a record has a Code.
    error.set_field(std::string(absl::StripSuffix(error.field(), ".code")));
  }
  return RowStatus(v1::SyncRowResult::STATUS_REJECTED,
                   absl::StatusCode::kInvalidArgument, "", errors, "");
}

// Where a page of an answer begins: from its token, and with its size.
template <typename Request>
absl::StatusOr<MatchOptions> ParsePage(const Engine& engine,
                                       const RpcContext& rpc,
                                       const Request& request) {
  MatchOptions options;
  const auto size = PageSize(request.page_size(), 10, 100);
  if (!size.ok()) return size.status();
  const auto cursor = engine.tokens.Read(rpc.page_scope(), request);
  if (!cursor.ok()) return cursor.status();
  if (!cursor->empty() && !absl::SimpleAtoi(*cursor, &options.offset)) {
    return absl::InternalError("a sealed page token has no offset");
  }
  options.limit = static_cast<size_t>(*size);
  options.include_features = request.include_features();
  options.stop = [&rpc] { return rpc.Check(); };
  return options;
}

// `graduate_key` is empty when the answer is for nobody in particular.
template <typename Request, typename Response>
void Answer(const Engine& engine, const RpcContext& rpc, const Request& request,
            const MatchOptions& options, std::string_view graduate_key,
            absl::Time now, Recommendation answer, Response& response) {
  for (v1::Match& match : answer.matches) {
    *response.add_matches() = std::move(match);
  }
  const size_t next = options.offset + response.matches_size();
  if (response.matches_size() > 0 && next < answer.ranked) {
    response.set_next_page_token(
        engine.tokens.Make(rpc.page_scope(), request, absl::StrCat(next)));
  }
  *response.mutable_trace() = std::move(answer.trace);
  response.set_attribution_token(AnswerToken(
      engine, rpc, request, response.trace().versions(), graduate_key, now));
}

absl::Status Match(const Runtime& runtime, const RpcContext& rpc,
                   const v1::MatchPostingsRequest& request,
                   v1::MatchPostingsResponse& response) {
  const Engine& engine = runtime.engine();
  auto options = ParsePage(engine, rpc, request);
  if (!options.ok()) return options.status();
  options->eligible_only = request.eligible_only();
  return AnswerFromCurrent(
      engine, rpc, "graduate", request.graduate(),
      [&](const v1::Graduate& graduate,
          const std::string& key) -> absl::Status {
        const auto snapshot = engine.matcher.CurrentSnapshot();
        options->snapshot = snapshot.get();
        auto left_out = DismissedGroups(engine.store, *snapshot, key);
        if (!left_out.ok()) return left_out.status();
        options->left_out = *std::move(left_out);
        const absl::Time now = runtime.clock.Now();
        auto answer = engine.matcher.Match(graduate, *options, now);
        if (!answer.ok()) return answer.status();
        response.Clear();
        Answer(engine, rpc, request, *options, key, now, *std::move(answer),
               response);
        return absl::OkStatus();
      });
}

absl::Status CheckText(const std::string& text) {
  const size_t length = CountCharacters(text);
  if (length > 0 && length <= kMaxSearchText) return absl::OkStatus();
  FieldError error;
  error.field = "text";
  error.value = length == 0 ? "" : absl::StrCat(length, " 个字符");
  error.allowed = absl::StrCat("1 至 ", kMaxSearchText, " 个字符");
  return InvalidField(length == 0 ? kFieldMissing : kFieldTooLong, error);
}

absl::Status Search(const Runtime& runtime, const RpcContext& rpc,
                    const v1::SearchPostingsRequest& request,
                    v1::SearchPostingsResponse& response) {
  const Engine& engine = runtime.engine();
  auto options = ParsePage(engine, rpc, request);
  if (!options.ok()) return options.status();
  absl::Status regions = CheckRegions(request);
  if (!regions.ok()) return regions;
  options->regions.assign(request.regions().begin(), request.regions().end());
  const absl::Time now = runtime.clock.Now();
  absl::StatusOr<Recommendation> answer;
  if (request.has_profile()) {
    const auto profile = AcceptProfile(request.profile());
    if (!profile.ok()) return profile.status();
    answer = engine.matcher.Search(*profile, *options, now);
  } else {
    absl::Status text = CheckText(request.text());
    if (!text.ok()) return text;
    answer = engine.matcher.SearchText(request.text(), *options, now);
  }
  if (!answer.ok()) return answer.status();
  Answer(engine, rpc, request, *options, /*graduate_key=*/"", now,
         *std::move(answer), response);
  return absl::OkStatus();
}

absl::Status ExplainTo(const Runtime& runtime,
                       const MatchServiceImpl::PushReasons& push_reasons,
                       const v1::Graduate& graduate,
                       const std::string& graduate_key,
                       const v1::ExplainMatchRequest& request,
                       v1::ExplainMatchResponse& response) {
  const Engine& engine = runtime.engine();
  const auto posting = ReadPosting(engine, "posting", request.posting());
  if (!posting.ok()) return posting.status();
  const absl::Time now = runtime.clock.Now();
  const auto left_out = DismissedGroups(
      engine.store, *engine.matcher.CurrentSnapshot(), graduate_key);
  if (!left_out.ok()) return left_out.status();
  auto answer = engine.matcher.Explain(graduate, *posting, now, *left_out);
  if (!answer.ok()) return answer.status();
  response = *std::move(answer);
  if (push_reasons == nullptr) return absl::OkStatus();
  auto reasons = push_reasons(graduate, graduate_key, *posting, now);
  if (!reasons.ok()) return reasons.status();
  for (v1::Reason& reason : *reasons) {
    *response.add_push_reasons() = std::move(reason);
  }
  return absl::OkStatus();
}

absl::Status Explain(const Runtime& runtime,
                     const MatchServiceImpl::PushReasons& push_reasons,
                     const RpcContext& rpc,
                     const v1::ExplainMatchRequest& request,
                     v1::ExplainMatchResponse& response) {
  const Engine& engine = runtime.engine();
  const auto explain = [&] {
    return AnswerFromCurrent(
        engine, rpc, "graduate", request.graduate(),
        [&](const v1::Graduate& graduate, const std::string& key) {
          return ExplainTo(runtime, push_reasons, graduate, key, request,
                           response);
        });
  };
  if (rpc.caller().role != CallerRole::kStaff) return explain();
  // What staff read of a person is kept.
  const auto id = ParseGraduateName("graduate", request.graduate());
  if (!id.ok()) return id.status();
  return RunAudited(engine.audit, rpc,
                    {PersonInAudit(engine.pseudonyms.Of(*id)), ""}, explain);
}

absl::StatusOr<v1::Profile> ProfileOf(
    const Engine& engine, const v1::CheckEligibilityRequest& request) {
  if (request.has_profile()) return AcceptProfile(request.profile());
  auto graduate = ReadGraduate(engine, "graduate", request.graduate());
  if (!graduate.ok()) return graduate.status();
  // What is frozen is stored and no more.
  if (graduate->lifecycle() == v1::Graduate::LIFECYCLE_FROZEN) {
    return CheckServed(*graduate);
  }
  return ProfileInUse(*graduate);
}

absl::Status Check(const Runtime& runtime,
                   const v1::CheckEligibilityRequest& request,
                   v1::CheckEligibilityResponse& response) {
  const Engine& engine = runtime.engine();
  const auto profile = ProfileOf(engine, request);
  if (!profile.ok()) return profile.status();
  const auto posting = ReadPosting(engine, "posting", request.posting());
  if (!posting.ok()) return posting.status();
  *response.mutable_eligibility() =
      CheckEligibility(*profile, *posting, runtime.clock.Now());
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* MatchServiceImpl::MatchPostings(
    grpc::CallbackServerContext* context,
    const v1::MatchPostingsRequest* request,
    v1::MatchPostingsResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "MatchService.MatchPostings",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Match(runtime_, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* MatchServiceImpl::SearchPostings(
    grpc::CallbackServerContext* context,
    const v1::SearchPostingsRequest* request,
    v1::SearchPostingsResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "MatchService.SearchPostings",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Search(runtime_, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* MatchServiceImpl::ExplainMatch(
    grpc::CallbackServerContext* context,
    const v1::ExplainMatchRequest* request,
    v1::ExplainMatchResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "MatchService.ExplainMatch",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Explain(runtime_, push_reasons_, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* MatchServiceImpl::CheckEligibility(
    grpc::CallbackServerContext* context,
    const v1::CheckEligibilityRequest* request,
    v1::CheckEligibilityResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "MatchService.CheckEligibility",
      [this](const RpcContext&, const auto& q, auto& r) -> absl::Status {
        return Check(runtime_, q, r);
      });
}

grpc::ServerUnaryReactor* MatchServiceImpl::MatchContents(
    grpc::CallbackServerContext* context,
    const v1::MatchContentsRequest* request,
    v1::MatchContentsResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "MatchService.MatchContents",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return gradmatch::MatchContents(runtime_, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* MatchServiceImpl::BatchMatchPostings(
    grpc::CallbackServerContext* context,
    const v1::BatchMatchPostingsRequest* request,
    v1::BatchMatchPostingsResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "MatchService.BatchMatchPostings",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return gradmatch::BatchMatchPostings(
            runtime_, options_.max_response_bytes, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* MatchServiceImpl::MatchGraduates(
    grpc::CallbackServerContext* context,
    const v1::MatchGraduatesRequest* request,
    v1::MatchGraduatesResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "MatchService.MatchGraduates",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return gradmatch::MatchGraduates(runtime_, options_.graduates, hooks_,
                                         rpc, q, r);
      });
}

}  // namespace gradmatch
