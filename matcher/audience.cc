#include "matcher/audience.h"

#include <algorithm>
#include <array>

#include "index/content_hash.h"
#include "matcher/major_codes.h"
#include "matcher/proto_time.h"

namespace gradmatch {
namespace {

// Lists of a node, in the order in which gaps are told.
enum class List : uint8_t {
  kNever,  // an audience with more nodes than there may be
  kRegions,
  kLevels,
  kMajors,
  kYears,
  kSchools,
  kPostingKinds,
  kFlexibleWork,
  kStartingBusiness,
  kAnyOf,   // values are nodes
  kNoneOf,  // values are nodes
};

constexpr int kListShift = 48;
constexpr int kNodeShift = 56;
constexpr int kDepthShift = 20;   // of codes: number of digits
constexpr int kSystemShift = 24;  // of majors
constexpr uint64_t kValueBits = (uint64_t{1} << kListShift) - 1;

constexpr int kSchoolWeight = 3;
constexpr int kWishWeight = 2;

uint64_t Key(int node, List list, uint64_t value) {
  return static_cast<uint64_t>(node) << kNodeShift |
         static_cast<uint64_t>(list) << kListShift | (value & kValueBits);
}
int NodeOf(uint64_t key) { return static_cast<int>(key >> kNodeShift); }
List ListOf(uint64_t key) {
  return static_cast<List>(key >> kListShift & 0xFF);
}

// A code of 2, 4 or 6 digits as a number; of none when it is no such code.
struct Digits {
  int size = 0;
  uint32_t number = 0;
};
Digits ReadDigits(std::string_view digits) {
  Digits read{static_cast<int>(digits.size()), 0};
  for (const char c : digits) {
    read.number = read.number * 10 + static_cast<uint32_t>(c - '0');
  }
  return read;
}
uint64_t Pack(const Digits& digits) {
  return static_cast<uint64_t>(digits.size) << kDepthShift | digits.number;
}
Digits UnpackDigits(uint64_t value) {
  return {static_cast<int>(value >> kDepthShift & 0xF),
          static_cast<uint32_t>(value & ((1u << kDepthShift) - 1))};
}
MajorSystem UnpackSystem(uint64_t value) {
  return static_cast<MajorSystem>(value >> kSystemShift & 0xFF);
}
uint64_t SchoolValue(std::string_view code) {
  return ContentHash(code) & kValueBits;
}

bool AtOrBelow(const Digits& narrow, const Digits& broad) {
  if (broad.size == 0 || narrow.size < broad.size) return false;
  uint32_t number = narrow.number;
  for (int i = broad.size; i < narrow.size; ++i) number /= 10;
  return number == broad.number;
}

class Compiler {
 public:
  std::vector<uint64_t> Run(const v1::Audience& audience) && {
    Add(audience, 0);
    std::sort(keys_.begin(), keys_.end());
    keys_.erase(std::unique(keys_.begin(), keys_.end()), keys_.end());
    return std::move(keys_);
  }

 private:
  void Put(int node, List list, uint64_t value) {
    keys_.push_back(Key(node, list, value));
  }

  void Add(const v1::Audience& audience, int node) {
    for (const std::string& region : audience.regions()) {
      Put(node, List::kRegions, Pack(ReadDigits(RegionDigits(region))));
    }
    for (const int level : audience.levels()) Put(node, List::kLevels, level);
    for (const v1::Code& major : audience.majors()) {
      const auto system = static_cast<uint64_t>(MajorSystemOf(major.system()));
      Put(node, List::kMajors,
          system << kSystemShift | Pack(ReadDigits(MajorDigits(major.code()))));
    }
    for (const int year : audience.graduation_years()) {
      Put(node, List::kYears, static_cast<uint32_t>(year));
    }
    for (const std::string& school : audience.schools()) {
      Put(node, List::kSchools, SchoolValue(school));
    }
    for (const int kind : audience.posting_kinds()) {
      Put(node, List::kPostingKinds, static_cast<uint32_t>(kind));
    }
    if (audience.flexible_work()) Put(node, List::kFlexibleWork, 1);
    if (audience.starting_business()) Put(node, List::kStartingBusiness, 1);
    AddNested(audience.any_of(), node, List::kAnyOf);
    AddNested(audience.none_of(), node, List::kNoneOf);
  }

  template <typename Nested>
  void AddNested(const Nested& nested, int node, List list) {
    for (const v1::Audience& child : nested) {
      if (nodes_ == kMaxAudienceNodes) {
        Put(0, List::kNever, 0);
        return;
      }
      const int number = ++nodes_;
      Put(node, list, number);
      Add(child, number);
    }
  }

  std::vector<uint64_t> keys_;
  int nodes_ = 0;
};

AudienceFinding Met(int specificity) {
  return {Verdict::kMet, AudienceGap::kNone, specificity};
}
AudienceFinding Open(AudienceGap gap) { return {Verdict::kOpen, gap, 0}; }
AudienceFinding Failed() { return {Verdict::kFailed, AudienceGap::kNone, 0}; }

using Values = std::span<const uint64_t>;  // keys of one list of one node

bool HasValue(Values keys, uint64_t value) {
  const uint64_t base = keys[0] & ~kValueBits;
  return std::binary_search(keys.begin(), keys.end(), base | value);
}

AudienceFinding CheckRegions(Values keys, const AudienceFacts& facts) {
  if (facts.region.empty()) return Open(AudienceGap::kRegion);
  const Digits home = ReadDigits(facts.region);
  int best = 0;
  bool wider = false;
  for (const uint64_t key : keys) {
    const Digits asked = UnpackDigits(key);
    if (AtOrBelow(home, asked)) best = std::max(best, asked.size / 2);
    wider |= AtOrBelow(asked, home);
  }
  if (best > 0) return Met(best);
  return wider ? Open(AudienceGap::kRegion) : Failed();
}

AudienceFinding CheckMajors(Values keys, const AudienceFacts& facts) {
  if (!facts.major_named) return Open(AudienceGap::kMajor);
  int best = 0;
  bool own_system = false, wider = false;
  for (const uint64_t key : keys) {
    const MajorSystem system = UnpackSystem(key);
    const Digits asked = UnpackDigits(key);
    for (const AudienceFacts::Major& major : facts.majors) {
      if (major.system != system) continue;
      own_system |= major.own;
      const Digits own = ReadDigits(major.digits);
      if (AtOrBelow(own, asked)) best = std::max(best, asked.size / 2);
      wider |= AtOrBelow(asked, own);
    }
  }
  if (best > 0) return Met(best);
  if (wider) return Open(AudienceGap::kMajor);
  if (own_system) return Failed();
  // Only other catalogues: a counterpart there that is not meant is a no.
  const bool all_crossed =
      std::all_of(keys.begin(), keys.end(), [&](uint64_t key) {
        return std::any_of(facts.majors.begin(), facts.majors.end(),
                           [&](const AudienceFacts::Major& major) {
                             return major.system == UnpackSystem(key);
                           });
      });
  return all_crossed ? Failed() : Open(AudienceGap::kMajorSystem);
}

AudienceFinding CheckKinds(Values keys, const AudienceFacts& facts) {
  uint32_t meant = 0;
  for (const uint64_t key : keys) {
    const uint64_t kind = key & kValueBits;
    if (kind < 32) meant |= 1u << kind;
  }
  if ((meant & facts.asked_kinds) != 0) return Met(1);
  if ((meant & ~facts.refused_kinds) == 0 || facts.asked_kinds != 0) {
    return Failed();
  }
  return Open(facts.flexible_work.has_value() ? AudienceGap::kPostingKinds
                                              : AudienceGap::kWishes);
}

AudienceFinding CheckWish(const std::optional<bool>& wish) {
  if (!wish.has_value()) return Open(AudienceGap::kWishes);
  return *wish ? Met(kWishWeight) : Failed();
}

using Nodes = std::array<AudienceFinding, kMaxAudienceNodes + 1>;

// The best of the children, the narrowest of those.
AudienceFinding CheckAnyOf(Values keys, const Nodes& nodes) {
  AudienceFinding best = Failed();
  for (const uint64_t key : keys) {
    const AudienceFinding& child = nodes[key & kValueBits];
    if (child.verdict < best.verdict ||
        (child.verdict == best.verdict &&
         child.specificity > best.specificity)) {
      best = child;
    }
  }
  return best;
}

AudienceFinding CheckNoneOf(Values keys, const Nodes& nodes) {
  AudienceFinding all = Met(0);
  for (const uint64_t key : keys) {
    const AudienceFinding& child = nodes[key & kValueBits];
    if (child.verdict == Verdict::kMet) return Failed();
    if (child.verdict == Verdict::kOpen && all.verdict == Verdict::kMet) {
      all = Open(child.gap);
    }
  }
  return all;
}

AudienceFinding CheckList(Values keys, const AudienceFacts& facts,
                          const Nodes& nodes) {
  switch (ListOf(keys[0])) {
    case List::kNever:
      return Failed();
    case List::kRegions:
      return CheckRegions(keys, facts);
    case List::kLevels:
      if (facts.level == 0) return Open(AudienceGap::kLevel);
      return HasValue(keys, facts.level) ? Met(1) : Failed();
    case List::kMajors:
      return CheckMajors(keys, facts);
    case List::kYears:
      if (facts.graduation_year == 0) return Open(AudienceGap::kYear);
      return HasValue(keys, facts.graduation_year) ? Met(1) : Failed();
    case List::kSchools:
      if (facts.school.empty()) return Open(AudienceGap::kSchool);
      return HasValue(keys, SchoolValue(facts.school)) ? Met(kSchoolWeight)
                                                       : Failed();
    case List::kPostingKinds:
      return CheckKinds(keys, facts);
    case List::kFlexibleWork:
      return CheckWish(facts.flexible_work);
    case List::kStartingBusiness:
      return CheckWish(facts.starting_business);
    case List::kAnyOf:
      return CheckAnyOf(keys, nodes);
    case List::kNoneOf:
      return CheckNoneOf(keys, nodes);
  }
  return Failed();
}

// `all` and one more list.
void Join(const AudienceFinding& list, AudienceFinding& all) {
  if (list.verdict == Verdict::kOpen && all.verdict == Verdict::kMet) {
    all.gap = list.gap;
  }
  all.verdict = std::max(all.verdict, list.verdict);
  all.specificity += list.specificity;
}

AudienceFinding CheckNode(Values keys, const AudienceFacts& facts,
                          const Nodes& nodes) {
  AudienceFinding all = Met(0);
  for (size_t begin = 0; begin < keys.size();) {
    size_t end = begin + 1;
    while (end < keys.size() && ListOf(keys[end]) == ListOf(keys[begin])) {
      ++end;
    }
    Join(CheckList(keys.subspan(begin, end - begin), facts, nodes), all);
    if (all.verdict == Verdict::kFailed) return Failed();
    begin = end;
  }
  return all;
}

void AddMajors(const v1::Code& major, AudienceFacts& facts) {
  if (major.code().empty() && major.display().empty()) return;
  facts.major_named = true;
  const MajorSystem own = MajorSystemOf(major.system());
  for (const MajorSystem system : MajorSystems()) {
    for (std::string& digits : MajorInSystem(major, system)) {
      facts.majors.push_back({system, std::move(digits), system == own});
    }
  }
}

}  // namespace

AudienceFacts FactsOf(const v1::Profile& profile) {
  AudienceFacts facts = PlaceFactsOf(profile);
  if (!profile.educations().empty()) {
    const v1::Education& latest = profile.educations(0);
    facts.level = latest.level();
    facts.school = latest.school().code();
    for (const v1::Code& major : latest.majors()) AddMajors(major, facts);
    if (latest.has_graduation_time()) {
      facts.graduation_year = ChinaYear(TimeOf(latest.graduation_time()));
    }
  }
  const v1::Intent& intent = profile.intent();
  for (const int kind : intent.posting_kinds()) {
    if (kind > 0 && kind < 32) facts.asked_kinds |= 1u << kind;
  }
  if (intent.flexible_work()) {
    facts.asked_kinds |= 1u << v1::POSTING_KIND_FLEXIBLE;
  }
  facts.flexible_work = intent.flexible_work();
  facts.starting_business = intent.starting_business();
  return facts;
}

AudienceFacts PlaceFactsOf(const v1::Profile& profile) {
  AudienceFacts facts;
  facts.region = RegionDigits(profile.region().code());
  return facts;
}

void MuteKinds(const v1::Preferences& preferences, AudienceFacts& facts) {
  for (const int kind : preferences.muted_posting_kinds()) {
    if (kind > 0 && kind < 32) facts.refused_kinds |= 1u << kind;
  }
  facts.asked_kinds &= ~facts.refused_kinds;
}

std::vector<uint64_t> CompileAudience(const v1::Audience& audience) {
  return Compiler().Run(audience);
}

AudienceFinding CheckAudienceKeys(std::span<const uint64_t> keys,
                                  const AudienceFacts& facts) {
  // A node without keys fits everybody. Children come after their parents, so
  // the last node is decided first.
  Nodes nodes{};
  for (size_t end = keys.size(); end > 0;) {
    const int node = NodeOf(keys[end - 1]);
    size_t begin = end - 1;
    while (begin > 0 && NodeOf(keys[begin - 1]) == node) --begin;
    nodes[node] = CheckNode(keys.subspan(begin, end - begin), facts, nodes);
    end = begin;
  }
  return nodes[0];
}

}  // namespace gradmatch
