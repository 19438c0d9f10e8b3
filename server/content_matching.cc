#include "server/content_matching.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "index/feedback_store.h"
#include "matcher/content_matcher.h"
#include "server/answer_token.h"
#include "server/content_kinds.h"
#include "server/graduate_kind.h"
#include "server/page_token.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

absl::StatusOr<ContentMatchOptions> ParseOptions(
    const Engine& engine, const RpcContext& rpc,
    const v1::MatchContentsRequest& request) {
  ContentMatchOptions options;
  const auto size = PageSize(request.page_size(), 10, 100);
  if (!size.ok()) return size.status();
  const auto kinds = ParseContentKinds("kinds", request.kinds());
  if (!kinds.ok()) return kinds.status();
  const auto cursor = engine.tokens.Read(rpc.page_scope(), request);
  if (!cursor.ok()) return cursor.status();
  if (!cursor->empty() && !absl::SimpleAtoi(*cursor, &options.offset)) {
    return absl::InternalError("a sealed page token has no offset");
  }
  options.limit = static_cast<size_t>(*size);
  options.kinds = *kinds;
  options.stop = [&rpc] { return rpc.Check(); };
  return options;
}

absl::Status Answer(const Runtime& runtime, const RpcContext& rpc,
                    const v1::MatchContentsRequest& request,
                    ContentMatchOptions options, const v1::Graduate& graduate,
                    const std::string& graduate_key,
                    v1::MatchContentsResponse& response) {
  const Engine& engine = runtime.engine();
  const absl::Time now = runtime.clock.Now();
  const auto dismissed = ReadDismissed(engine.store, graduate_key);
  if (!dismissed.ok()) return dismissed.status();
  for (const DismissedLine& line : *dismissed) {
    if (!line.is_posting()) {
      options.left_out.push_back(ContentNameOf(line.subject));
    }
  }
  auto answer = engine.content_matcher.Match(graduate, options, now);
  if (!answer.ok()) return answer.status();
  for (v1::ContentMatch& match : answer->matches) {
    *response.add_matches() = std::move(match);
  }
  // By places in the list, not by matches: one that was withdrawn meanwhile
  // leaves a gap.
  const size_t next = options.offset + options.limit;
  if (next < answer->ranked) {
    response.set_next_page_token(
        engine.tokens.Make(rpc.page_scope(), request, absl::StrCat(next)));
  }
  response.set_non_personalised(answer->non_personalised);
  v1::AnswerVersions versions;
  versions.set_generation(static_cast<int64_t>(answer->generation));
  versions.set_ranker(std::string(answer->ranker));
  response.set_attribution_token(
      AnswerToken(engine, rpc, request, versions, graduate_key, now));
  return absl::OkStatus();
}

}  // namespace

absl::Status MatchContents(const Runtime& runtime, const RpcContext& rpc,
                           const v1::MatchContentsRequest& request,
                           v1::MatchContentsResponse& response) {
  const Engine& engine = runtime.engine();
  const auto options = ParseOptions(engine, rpc, request);
  if (!options.ok()) return options.status();
  return AnswerFromCurrent(
      engine, rpc, "graduate", request.graduate(),
      [&](const v1::Graduate& graduate, const std::string& key) {
        response.Clear();
        return Answer(runtime, rpc, request, *options, graduate, key, response);
      });
}

}  // namespace gradmatch
