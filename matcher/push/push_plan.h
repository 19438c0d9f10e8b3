#ifndef GRADMATCH_MATCHER_PUSH_PUSH_PLAN_H_
#define GRADMATCH_MATCHER_PUSH_PUSH_PLAN_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "gradmatch/v1/push.pb.h"

namespace gradmatch {

// Pure functions over push plans.

// Ids of plans and runs: [a-z0-9]([a-z0-9-]{0,max-2}[a-z0-9])?. A run's id is
// shorter, since its operation is named after it.
inline constexpr int kMaxPlanIdLength = 63;
inline constexpr int kMaxRunIdLength = 59;
bool IsValidPushId(std::string_view id, int max_length);

// INVALID_ARGUMENT naming every field that is out of its range. The name is
// not looked at.
absl::Status ValidatePlan(const v1::PushPlan& plan);

// INVALID_ARGUMENT naming every field of an audience that is out of its range;
// `field` is its path.
absl::Status ValidateAudience(std::string_view field,
                              const v1::Audience& audience);

// The plan with the values that 0 stands for.
v1::PushPlan WithDefaults(const v1::PushPlan& plan);

// Of all that changes what a run of the plan does: not of display name, etag,
// times and schedule. Plans that differ only by 0 and its default are the same.
uint64_t PlanHash(const v1::PushPlan& plan);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_PUSH_PLAN_H_
