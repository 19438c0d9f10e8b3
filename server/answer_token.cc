#include "server/answer_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/pseudonym.h"
#include "server/attribution.h"
#include "server/message_hash.h"

namespace gradmatch {

std::string AnswerToken(const Engine& engine, const RpcContext& rpc,
                        const google::protobuf::Message& request,
                        const v1::AnswerVersions& versions,
                        std::string_view graduate_key, absl::Time now) {
  constexpr size_t kAnswerBytes = 8;
  const std::string answer = engine.pseudonyms.Of(
      absl::StrCat("answer/", A(rpc.method()), "/", MessageHash(request, {}),
                   "/", absl::ToUnixMicros(now)));
  Attribution attribution;
  attribution.origin = std::string(rpc.method());
  attribution.generation = versions.generation();
  attribution.version = versions.ranker();
  attribution.answer = absl::BytesToHexString(answer.substr(0, kAnswerBytes));
  return MakeAttributionToken(engine.tokens, attribution, graduate_key);
}

}  // namespace gradmatch
