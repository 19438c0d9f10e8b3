#ifndef GRADMATCH_TESTS_DURABILITY_DAMAGE_VERDICT_H_
#define GRADMATCH_TESTS_DURABILITY_DAMAGE_VERDICT_H_

#include <string>
#include <string_view>

#include "tests/durability/data_world.h"

namespace gradmatch {

// What a damage came to.
enum class DamageOutcome {
  kIdentical,  // everything reads as before
  kRefused,    // the folder was not opened, with the file's name
  kTold,       // some readings failed, with the file's name; no other is wrong
  kUnnamed,    // refused or told without the file's name
  kSilent,     // something reads otherwise and nobody says so
};
inline constexpr int kDamageOutcomeCount =
    static_cast<int>(DamageOutcome::kSilent) + 1;
std::string_view DamageOutcomeName(DamageOutcome outcome);

struct DamageVerdict {
  DamageOutcome outcome = DamageOutcome::kIdentical;
  std::string why;  // the first difference, or the error
};

// Compares what was read from a folder in which `file` (its last name) was
// damaged with what is true. A section may differ only by ending early with an
// error; until then its lines are those of the truth.
DamageVerdict Judge(const Dump& truth, const Dump& read,
                    const std::string& file);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_DAMAGE_VERDICT_H_
