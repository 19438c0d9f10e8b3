#ifndef GRADMATCH_SERVER_ANSWER_TOKEN_H_
#define GRADMATCH_SERVER_ANSWER_TOKEN_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "gradmatch/v1/match_service.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// The attribution token of an answer (attribution.h). `graduate_key` is empty
// for an answer to nobody in particular. Which request it answers is in the
// token as a keyed hash alone: requests name graduates.
std::string AnswerToken(const Engine& engine, const RpcContext& rpc,
                        const google::protobuf::Message& request,
                        const v1::AnswerVersions& versions,
                        std::string_view graduate_key, absl::Time now);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_ANSWER_TOKEN_H_
