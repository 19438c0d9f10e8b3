#ifndef GRADMATCH_MATCHER_PUSH_PUSH_EXPLAINER_H_
#define GRADMATCH_MATCHER_PUSH_PUSH_EXPLAINER_H_

#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/common.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/push_store.h"
#include "index/store.h"

namespace gradmatch {

// Why a graduate was, or was not, told about a posting, in Chinese: told in
// which run, no push to this graduate (placed, paused, ...), posting not open,
// cap used up. Empty when nothing stands in the way: a run may still push it.
// What ExplainMatch answers in push_reasons. Thread-safe.
using PushReasonsFor = std::function<absl::StatusOr<std::vector<v1::Reason>>(
    const v1::Graduate& graduate, std::string_view graduate_key,
    const v1::Posting& posting, absl::Time now)>;

// Both are borrowed and outlive the function. Caps are those of the plan that
// wants most applicants per opening, or of the default when there is none.
PushReasonsFor MakePushReasons(const Store& store, const PushStore& push_store);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_PUSH_EXPLAINER_H_
