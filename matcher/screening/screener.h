#ifndef GRADMATCH_MATCHER_SCREENING_SCREENER_H_
#define GRADMATCH_MATCHER_SCREENING_SCREENER_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gradmatch/v1/posting.pb.h"

namespace gradmatch {

// What a rule found in one text. Characters are Unicode characters of the text
// as given, so that a console can mark them.
struct RuleFinding {
  int begin = 0;  // first character
  int end = 0;    // first character after it
  // QUARANTINE for a condition, WARN for a preference that is merely unwise.
  v1::RuleVerdict::Severity severity = v1::RuleVerdict::SEVERITY_QUARANTINE;
  friend bool operator==(const RuleFinding&, const RuleFinding&) = default;
};

// One rule of screening: literal, explainable, without learned parts. Pure and
// immutable; thread-safe.
class ScreeningRule {
 public:
  virtual ~ScreeningRule() = default;
  virtual std::string_view id() const = 0;  // "FEE_OR_DEPOSIT"
  // Why it is not allowed and what to change, in Chinese.
  virtual std::string_view message() const = 0;
  // At most one finding a clause, in order. Any bytes are accepted.
  virtual std::vector<RuleFinding> Check(std::string_view text) const = 0;
};

// Looks at a posting before it is offered. Thread-safe.
class Screener {
 public:
  virtual ~Screener() = default;
  // Changes when any verdict may change.
  virtual std::string_view rules_version() const = 0;
  // Empty: nothing to object. Fields in the order of the message.
  virtual std::vector<v1::RuleVerdict> Screen(
      const v1::Posting& posting) const = 0;
};

// Whether one of them holds the posting back.
bool HoldsBack(std::span<const v1::RuleVerdict> verdicts);

// All rules over title, description, requirements, benefits, education and
// majors as text.
class RuleScreener final : public Screener {
 public:
  RuleScreener(std::string version,
               std::vector<std::unique_ptr<ScreeningRule>> rules);
  std::string_view rules_version() const override { return version_; }
  std::vector<v1::RuleVerdict> Screen(
      const v1::Posting& posting) const override;

 private:
  const std::string version_;
  const std::vector<std::unique_ptr<ScreeningRule>> rules_;
};

// DISCRIMINATORY_SCHOOL_TIER: limits to 985, 211, 双一流 and the like, or to
// the tier of the first degree; a preference for them is a warning.
// FEE_OR_DEPOSIT: money the applicant shall pay. What says the opposite
// (不限985/211, 不收押金) passes, and so does what has another meaning
// (产值211万, 投标保证金).
std::unique_ptr<Screener> MakeDefaultScreener();
std::unique_ptr<ScreeningRule> MakeSchoolTierRule();
std::unique_ptr<ScreeningRule> MakeFeeRule();

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_SCREENING_SCREENER_H_
