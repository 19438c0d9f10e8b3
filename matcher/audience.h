#ifndef GRADMATCH_MATCHER_AUDIENCE_H_
#define GRADMATCH_MATCHER_AUDIENCE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gradmatch/v1/content.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "matcher/eligibility.h"
#include "matcher/posting_keys.h"

namespace gradmatch {

// Whether something is meant for a graduate: the one evaluator of
// v1::Audience, for content and for push plans. Pure functions.
//
// An audience is a tree. Every list of a node that is not empty must fit, one
// of `any_of` if there are any, and none of `none_of`. As for postings there
// are three outcomes (Kleene's logic): what the profile does not say leaves a
// list open, and an open exception leaves the whole open.
//
// Lists look at the latest course of study and the home region:
// - regions: the home is at or below one of them. A home that names only a
//   wider region (广东 for 深圳) is open.
// - majors: as for postings, the code itself or one below it; between
//   catalogues by equal name. A list that names a code of the major's own
//   catalogue is answered by that; where it does not and the other catalogue
//   has no such name, the answer is open.
// - posting_kinds: kinds the graduate asks for, flexible work included. Who
//   names no kind has asked for none, and has not refused any: open. Kinds that
//   are muted are refused.
// - flexible_work, starting_business: asked for or not; never open, unless the
//   wishes may not be read.

// Nesting below the root, and nested nodes in all.
inline constexpr int kMaxAudienceDepth = 4;
inline constexpr int kMaxAudienceNodes = 64;

// What is not known where a list is open, in the order in which it is told.
enum class AudienceGap : uint8_t {
  kNone,
  kRegion,        // no home region, or only a wider one
  kLevel,         // no level
  kMajor,         // no major, or only a group of majors
  kMajorSystem,   // no counterpart in the catalogue asked
  kYear,          // no day of graduation
  kSchool,        // no school
  kPostingKinds,  // no kinds wished for
  kWishes,        // wishes may not be read
};

// What audiences ask about, taken from a profile. A value.
struct AudienceFacts {
  struct Major {
    MajorSystem system = MajorSystem::kUnknown;
    std::string digits;
    bool own = false;  // the major's own catalogue, not one crossed to by name
  };
  std::string region;         // RegionDigits; empty: not said
  int level = 0;              // 0: not said
  std::vector<Major> majors;  // with their counterparts in other catalogues
  bool major_named = false;
  int graduation_year = 0;     // 0: not said
  std::string school;          // empty: not said
  uint32_t asked_kinds = 0;    // bit of each PostingKind
  uint32_t refused_kinds = 0;  // muted
  // nullopt: may not be read.
  std::optional<bool> flexible_work;
  std::optional<bool> starting_business;
};

// `profile` is what the graduate allows to be used.
AudienceFacts FactsOf(const v1::Profile& profile);
// What an answer without personalisation may decide by: the home region. All
// else is open, whatever `profile` says.
AudienceFacts PlaceFactsOf(const v1::Profile& profile);
// Takes muted kinds out of those asked for.
void MuteKinds(const v1::Preferences& preferences, AudienceFacts& facts);

// An audience compiled for checking, as keys in ascending order without
// repeats: node (8 bits, root 0, a child after its parent), list (8 bits),
// value (48 bits). Fit for a set column of the index, so that a scan over many
// rows allocates nothing and equal audiences are kept once. Empty: everybody.
// Not stored: the encoding may change. Nodes past kMaxAudienceNodes, which
// ingest refuses, fit nobody.
std::vector<uint64_t> CompileAudience(const v1::Audience& audience);

struct AudienceFinding {
  Verdict verdict = Verdict::kMet;
  AudienceGap gap = AudienceGap::kNone;  // the first, when open
  // How narrow the part of the audience is that the graduate fits: 0 for
  // everybody; a school or a single major weighs more than a year.
  int specificity = 0;
};
AudienceFinding CheckAudienceKeys(std::span<const uint64_t> keys,
                                  const AudienceFacts& facts);
inline AudienceFinding CheckAudience(const v1::Audience& audience,
                                     const AudienceFacts& facts) {
  return CheckAudienceKeys(CompileAudience(audience), facts);
}

// Stable code and Chinese sentence of what is open: "限部分专业，档案未填写…".
std::string_view AudienceGapCode(AudienceGap gap);
std::string_view AudienceGapText(AudienceGap gap);

// The parts of an audience that the graduate fits, in words and in this order:
// 2026届, 广东, 本科, 计算机类, 本校, 有创业意向. Empty for everybody.
std::vector<std::string> AudienceWords(const v1::Audience& audience,
                                       const AudienceFacts& facts);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_AUDIENCE_H_
