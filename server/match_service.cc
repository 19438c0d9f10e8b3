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
#include "server/graduate_kind.h"
#include "server/message_hash.h"
#include "server/page_token.h"
#include "server/posting_kind.h"

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
  const auto cursor = engine.tokens.Read(rpc.method(), request);
  if (!cursor.ok()) return cursor.status();
  if (!cursor->empty() && !absl::SimpleAtoi(*cursor, &options.offset)) {
    return absl::InternalError("a sealed page token has no offset");
  }
  options.limit = static_cast<size_t>(*size);
  options.include_features = request.include_features();
  options.stop = [&rpc] { return rpc.Check(); };
  return options;
}

// Says which answer feedback is about, without saying to whom it was given.
std::string AttributionToken(const Engine& engine, const RpcContext& rpc,
                             const google::protobuf::Message& request,
                             const v1::MatchTrace& trace) {
  return engine.tokens.Seal(
      "attribution",
      absl::StrCat(A(rpc.method()), "|", trace.versions().generation(), "|",
                   trace.versions().ranker(), "|",
                   absl::Hex(MessageHash(request, {}))));
}

template <typename Request, typename Response>
void Answer(const Engine& engine, const RpcContext& rpc, const Request& request,
            const MatchOptions& options, Recommendation answer,
            Response& response) {
  for (v1::Match& match : answer.matches) {
    *response.add_matches() = std::move(match);
  }
  const size_t next = options.offset + response.matches_size();
  if (response.matches_size() > 0 && next < answer.ranked) {
    response.set_next_page_token(
        engine.tokens.Make(rpc.method(), request, absl::StrCat(next)));
  }
  *response.mutable_trace() = std::move(answer.trace);
  response.set_attribution_token(
      AttributionToken(engine, rpc, request, response.trace()));
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
      [&](const v1::Graduate& graduate, const std::string&) -> absl::Status {
        auto answer =
            engine.matcher.Match(graduate, *options, runtime.clock.Now());
        if (!answer.ok()) return answer.status();
        response.Clear();
        Answer(engine, rpc, request, *options, *std::move(answer), response);
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
  Answer(engine, rpc, request, *options, *std::move(answer), response);
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
  auto answer = engine.matcher.Explain(graduate, *posting, now);
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
  return AnswerFromCurrent(
      runtime.engine(), rpc, "graduate", request.graduate(),
      [&](const v1::Graduate& graduate, const std::string& key) {
        return ExplainTo(runtime, push_reasons, graduate, key, request,
                         response);
      });
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

}  // namespace gradmatch
