#include "server/content_matching.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "matcher/content_matcher.h"
#include "server/content_kinds.h"
#include "server/graduate_kind.h"
#include "server/message_hash.h"
#include "server/page_token.h"

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
  const auto cursor = engine.tokens.Read(rpc.method(), request);
  if (!cursor.ok()) return cursor.status();
  if (!cursor->empty() && !absl::SimpleAtoi(*cursor, &options.offset)) {
    return absl::InternalError("a sealed page token has no offset");
  }
  options.limit = static_cast<size_t>(*size);
  options.kinds = *kinds;
  options.stop = [&rpc] { return rpc.Check(); };
  return options;
}

}  // namespace

absl::Status MatchContents(const Runtime& runtime, const RpcContext& rpc,
                           const v1::MatchContentsRequest& request,
                           v1::MatchContentsResponse& response) {
  const Engine& engine = runtime.engine();
  const auto options = ParseOptions(engine, rpc, request);
  if (!options.ok()) return options.status();
  const auto graduate = ReadGraduate(engine, "graduate", request.graduate());
  if (!graduate.ok()) return graduate.status();
  auto answer =
      engine.content_matcher.Match(*graduate, *options, runtime.clock.Now());
  if (!answer.ok()) return answer.status();
  for (v1::ContentMatch& match : answer->matches) {
    *response.add_matches() = std::move(match);
  }
  // By places in the list, not by matches: one that was withdrawn meanwhile
  // leaves a gap.
  const size_t next = options->offset + options->limit;
  if (next < answer->ranked) {
    response.set_next_page_token(
        engine.tokens.Make(rpc.method(), request, absl::StrCat(next)));
  }
  response.set_non_personalised(answer->non_personalised);
  // As of postings: which answer, without saying to whom it was given.
  response.set_attribution_token(engine.tokens.Seal(
      "attribution", absl::StrCat(A(rpc.method()), "|", answer->generation, "|",
                                  A(answer->ranker), "|",
                                  absl::Hex(MessageHash(request, {})))));
  return absl::OkStatus();
}

}  // namespace gradmatch
