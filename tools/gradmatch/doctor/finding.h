#ifndef GRADMATCH_TOOLS_GRADMATCH_DOCTOR_FINDING_H_
#define GRADMATCH_TOOLS_GRADMATCH_DOCTOR_FINDING_H_

#include <string>
#include <vector>

namespace gradmatch {

// kWarn: it works, not for long or not well. kFail: it does not work, or data
// are in danger.
enum class Verdict { kOk, kWarn, kFail };

// One named check of `gradmatch check`: what was found, and what to do when it
// is not well.
struct Finding {
  std::string name;  // "disk": stable, scripts look for it
  Verdict verdict = Verdict::kOk;
  std::string found;
  std::string advice;  // never empty when it is not kOk
};
using Findings = std::vector<Finding>;

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_DOCTOR_FINDING_H_
