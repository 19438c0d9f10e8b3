#ifndef GRADMATCH_MATCHER_PUSH_SELECTION_H_
#define GRADMATCH_MATCHER_PUSH_SELECTION_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/time/time.h"
#include "gradmatch/v1/content.pb.h"
#include "gradmatch/v1/graduate.pb.h"

namespace gradmatch {

// Why a graduate got nothing in a run. kNone: may get something, or did.
enum class Suppression : uint8_t {
  kNone,
  // Known before anything is looked for.
  kPlaced,
  kOptedOut,
  kFrozen,
  kErased,
  kPushOff,
  kPaused,
  kPersonalisationOff,
  kNotInAudience,
  // Known after.
  kNoEligiblePosting,
  kBelowMinScore,
  kAllPushedBefore,
  kCapsExhausted,
  kWithdrawn,
};
inline constexpr int kSuppressionCount =
    static_cast<int>(Suppression::kWithdrawn) + 1;

// True for those that SelectForPush gives.
bool IsSelectionCode(Suppression suppression);
// Stable code, such as PLACED; empty for kNone.
std::string_view SuppressionCode(Suppression suppression);
// The code as staff read it, in Chinese.
std::string_view SuppressionText(Suppression suppression);

// Whether a run may push to a graduate at `now`, by lifecycle, preferences and
// audience, in the order of the enum: the first that fails counts. Pure.
//
// A personalised push reads the profile, so whoever switched personalisation
// off gets none.
Suppression SelectForPush(const v1::Graduate& graduate,
                          const v1::Audience& audience, absl::Time now);
// The same with the audience compiled (CompileAudience), for many graduates.
Suppression SelectForPush(const v1::Graduate& graduate,
                          std::span<const uint64_t> audience_keys,
                          absl::Time now);

// Whether the audience is known to fit; see matcher/audience.h. What a profile
// does not say does not fit: a push is not guessed.
bool InAudience(const v1::Profile& profile, const v1::Audience& audience);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_SELECTION_H_
