#include "matcher/conditions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/clock.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "matcher/posting_keys.h"
#include "matcher/proto_time.h"
#include "matcher/words.h"

namespace gradmatch {
namespace {

// A key: type 8 bits (never 0, so that no key is a small number), scope 4 bits,
// payload 52 bits. The payload of a clause: its kind 2 bits, then 50 bits:
//   codes        five ids of 10 bits
//   fresh        four ids of 10 bits, then the class, counted from 1900
//   grassroots   four ids of 10 bits, then months
//   age          least and greatest, 10 bits each
// Kind and all else 0 is the open clause.
constexpr int kTypeShift = 56;
constexpr int kScopeShift = 52;
constexpr uint64_t kPayloadMask = (uint64_t{1} << kScopeShift) - 1;
constexpr int kKindShift = 50;
constexpr int kIdBits = 10;
constexpr uint64_t kIdMask = (1 << kIdBits) - 1;
constexpr int kMaxIds = 5;
constexpr int kMaxScope = 15;
constexpr int kFirstYear = 1900;
constexpr uint64_t kOpenClause = 0;
constexpr uint32_t kUnknownId = kIdMask;  // a code that is in no table

enum class ClauseKind : uint64_t { kCodes, kFresh, kGrassroots, kAge };
enum KeyType : uint64_t { kClauseType = 2, kLevelsType = 3, kMajorType = 4 };

uint64_t MakeKey(KeyType type, int scope, uint64_t payload) {
  return uint64_t{type} << kTypeShift |
         static_cast<uint64_t>(scope) << kScopeShift | payload;
}

// What the table says of each code, by id: its place in the table and 1.
struct Facts {
  struct Code {
    std::vector<uint32_t> implies;  // transitive, without itself
    uint32_t group = 0;
    bool one_of = false;
    bool undertaking = false;
    uint32_t negates = 0;
  };
  std::vector<Code> codes;
  uint32_t fresh_graduate = 0;
  uint32_t grassroots_work = 0;

  static const Facts& Get() {
    static const Facts* const facts = new Facts(Load());
    return *facts;
  }

  static uint32_t IdOf(const CodeEntry* entry) {
    const CodeTable& table = *CodeTable::BuiltIn("condition");
    return static_cast<uint32_t>(entry - table.entries().data()) + 1;
  }
  static uint32_t IdOf(std::string_view code) {
    const CodeEntry* entry = CodeTable::BuiltIn("condition")->Find(code);
    return entry == nullptr || entry->level == 1 ? 0 : IdOf(entry);
  }

 private:
  static Facts Load() {
    const CodeTable& table = *CodeTable::BuiltIn("condition");
    static_assert(kMaxIds * kIdBits <= kKindShift);
    Facts facts;
    facts.codes.resize(table.entries().size() + 1);
    for (const CodeEntry& entry : table.entries()) {
      if (entry.level == 1) continue;
      Code& code = facts.codes[IdOf(&entry)];
      const CodeEntry* group = table.Parent(entry);
      if (group->level > 1) code.implies.push_back(IdOf(group));
      while (group->level > 1) group = table.Parent(*group);
      code.group = IdOf(group);
      code.one_of = group->note == "one-of";
      code.undertaking = group->note == "undertaking";
      std::string_view note = entry.note;
      if (note.starts_with("implies:")) {
        code.implies.push_back(IdOf(note.substr(8)));
      } else if (note.starts_with("not:")) {
        code.negates = IdOf(note.substr(4));
      }
    }
    for (Code& code : facts.codes) facts.Close(code);
    facts.fresh_graduate = IdOf("fresh-graduate");
    facts.grassroots_work = IdOf("grassroots-work");
    return facts;
  }

  void Close(Code& code) {
    for (size_t i = 0; i < code.implies.size(); ++i) {
      for (uint32_t more : std::vector(codes[code.implies[i]].implies)) {
        if (std::find(code.implies.begin(), code.implies.end(), more) ==
            code.implies.end()) {
          code.implies.push_back(more);
        }
      }
    }
  }
};

bool Implies(const Facts& facts, uint32_t a, uint32_t b) {
  const std::vector<uint32_t>& implied = facts.codes[a].implies;
  return a == b ||
         std::find(implied.begin(), implied.end(), b) != implied.end();
}

// Who holds `a` cannot hold `b`.
bool Excludes(const Facts& facts, uint32_t a, uint32_t b) {
  const Facts::Code& one = facts.codes[a];
  const Facts::Code& other = facts.codes[b];
  if (one.negates != 0) return Implies(facts, b, one.negates);
  if (other.negates != 0) return Implies(facts, a, other.negates);
  return one.one_of && one.group == other.group && !Implies(facts, a, b) &&
         !Implies(facts, b, a);
}

// Ids of up to `most` codes from the low end; false if there are more.
bool PackIds(const google::protobuf::RepeatedPtrField<std::string>& codes,
             int most, uint64_t& packed) {
  std::vector<uint32_t> ids;
  for (const std::string& code : codes) {
    const uint32_t id = Facts::IdOf(code);
    ids.push_back(id == 0 ? kUnknownId : id);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  if (static_cast<int>(ids.size()) > most) return false;
  packed = 0;
  for (uint32_t id : ids) packed = packed << kIdBits | id;
  return true;
}

uint64_t Clause(ClauseKind kind, uint64_t rest) {
  return static_cast<uint64_t>(kind) << kKindShift | rest;
}

uint64_t ClauseOf(const v1::PostingCondition& condition) {
  const auto small = [](int value) {
    return static_cast<uint64_t>(std::clamp<int>(value, 0, kIdMask));
  };
  uint64_t ids = 0;
  switch (condition.kind()) {
    case v1::PostingCondition::KIND_AGE:
      if (condition.min() <= 0 && condition.max() <= 0) return kOpenClause;
      return Clause(ClauseKind::kAge,
                    small(condition.min()) << kIdBits | small(condition.max()));
    case v1::PostingCondition::KIND_GRASSROOTS:
      if (!PackIds(condition.any_of(), kMaxIds - 1, ids)) return kOpenClause;
      return Clause(ClauseKind::kGrassroots,
                    ids << kIdBits | small(condition.min()));
    case v1::PostingCondition::KIND_EMPLOYMENT:
      if (condition.min() <= kFirstYear) break;
      if (!PackIds(condition.any_of(), kMaxIds - 1, ids)) return kOpenClause;
      return Clause(ClauseKind::kFresh,
                    ids << kIdBits | small(condition.min() - kFirstYear));
    case v1::PostingCondition::KIND_PERSON:
    case v1::PostingCondition::KIND_UNSPECIFIED:
      return kOpenClause;
    default:
      break;
  }
  if (condition.any_of().empty() ||
      !PackIds(condition.any_of(), kMaxIds, ids)) {
    return kOpenClause;
  }
  return Clause(ClauseKind::kCodes, ids);
}

void AddScope(const v1::PostingCondition& condition, int scope,
              std::vector<uint64_t>& keys) {
  uint64_t levels = 0;
  for (int level : condition.levels()) levels |= uint64_t{1} << (level & 7);
  if (levels != 0) keys.push_back(MakeKey(kLevelsType, scope, levels));
  for (const v1::Code& major : condition.majors()) {
    const int system = static_cast<int>(MajorSystemOf(major.system()));
    // A major that is in no system is a scope nobody is known to be out of.
    keys.push_back(MakeKey(kMajorType, scope,
                           ConditionMajor(system, MajorDigits(major.code()))));
  }
}

int AgeOn(absl::Time birth, absl::Time now) {
  const absl::CivilDay born = absl::ToCivilDay(birth, ChinaTime());
  const absl::CivilDay today = absl::ToCivilDay(now, ChinaTime());
  int age = static_cast<int>(today.year() - born.year());
  if (std::make_pair(today.month(), today.day()) <
      std::make_pair(born.month(), born.day())) {
    --age;
  }
  return age;
}

}  // namespace

void AddConditionKeys(
    const google::protobuf::RepeatedPtrField<v1::PostingCondition>& conditions,
    std::vector<uint64_t>& keys) {
  int scope = 0;
  for (const v1::PostingCondition& condition : conditions) {
    const bool scoped =
        !condition.levels().empty() || !condition.majors().empty();
    if (scoped && scope == kMaxScope) {
      keys.push_back(MakeKey(kClauseType, 0, kOpenClause));
      continue;
    }
    if (!scoped) {
      keys.push_back(MakeKey(kClauseType, 0, ClauseOf(condition)));
      continue;
    }
    keys.push_back(kScopedConditionsKey);
    keys.push_back(MakeKey(kClauseType, ++scope, ClauseOf(condition)));
    AddScope(condition, scope, keys);
  }
}

ConditionKey ReadConditionKey(uint64_t key) {
  ConditionKey read;
  switch (key >> kTypeShift) {
    case kClauseType:
      read.part = ConditionKey::Part::kClause;
      break;
    case kLevelsType:
      read.part = ConditionKey::Part::kLevels;
      break;
    case kMajorType:
      read.part = ConditionKey::Part::kMajor;
      break;
    default:
      return read;
  }
  read.scope = static_cast<int>(key >> kScopeShift & 15);
  read.payload = key & kPayloadMask;
  return read;
}

uint64_t ConditionMajor(int system, std::string_view digits) {
  if (digits.size() != 2 && digits.size() != 4 && digits.size() != 6) return 0;
  uint64_t number = 0;
  for (char c : digits) number = number * 10 + static_cast<uint64_t>(c - '0');
  return static_cast<uint64_t>(system) << 32 | digits.size() << 24 | number;
}

StatedConditions::StatedConditions(const v1::Declarations& declarations,
                                   absl::Time now, int graduation_year)
    : graduation_year_(graduation_year) {
  const Facts& facts = Facts::Get();
  std::vector<uint32_t> holds;
  std::vector<uint32_t> denied;
  for (const v1::Declarations::Statement& s : declarations.statements()) {
    const uint32_t id = Facts::IdOf(s.code());
    if (id != 0) (s.holds() ? holds : denied).push_back(id);
  }
  if (declarations.has_birth_time()) {
    age_ = AgeOn(TimeOf(declarations.birth_time()), now);
  }
  if (declarations.has_grassroots_months()) {
    grassroots_months_ = declarations.grassroots_months();
  }
  if (holds.empty() && denied.empty()) return;
  states_.resize(facts.codes.size());
  for (uint32_t id = 1; id < states_.size(); ++id) {
    const auto any = [&](const std::vector<uint32_t>& stated, auto follows) {
      return std::any_of(stated.begin(), stated.end(), follows);
    };
    const Facts::Code& code = facts.codes[id];
    if (any(holds, [&](uint32_t s) { return Implies(facts, s, id); })) {
      states_[id] = State::kHolds;
    } else if (!code.undertaking &&
               (any(denied,
                    [&](uint32_t s) { return Implies(facts, id, s); }) ||
                any(holds,
                    [&](uint32_t s) { return Excludes(facts, s, id); }))) {
      states_[id] = State::kDenied;
    }
  }
  for (uint32_t id = 1; id < states_.size(); ++id) {
    const uint32_t other = facts.codes[id].negates;
    if (other != 0 && states_[id] == State::kUnknown &&
        states_[other] == State::kDenied) {
      states_[id] = State::kHolds;
    }
  }
  if (!grassroots_months_.has_value() &&
      StateOf(facts.grassroots_work) == State::kDenied) {
    grassroots_months_ = 0;
  }
}

StatedConditions::State StatedConditions::StateOf(uint32_t id) const {
  return id < states_.size() ? states_[id] : State::kUnknown;
}

Verdict StatedConditions::JudgeCode(uint32_t id, int fresh_year) const {
  const State state = StateOf(id);
  if (state == State::kHolds) return Verdict::kMet;
  if (state == State::kDenied) return Verdict::kFailed;
  if (fresh_year == 0 || graduation_year_ == 0 ||
      id != Facts::Get().fresh_graduate) {
    return Verdict::kOpen;
  }
  // Who has not found work within two years of graduation counts as fresh;
  // a profile does not tell that by itself.
  constexpr int kYearsToChoose = 2;
  if (graduation_year_ == fresh_year) return Verdict::kMet;
  return graduation_year_ < fresh_year &&
                 graduation_year_ >= fresh_year - kYearsToChoose
             ? Verdict::kOpen
             : Verdict::kFailed;
}

Verdict StatedConditions::Judge(uint64_t clause) const {
  if (clause == kOpenClause) return Verdict::kOpen;
  const auto kind = static_cast<ClauseKind>(clause >> kKindShift);
  uint64_t rest = clause & ((uint64_t{1} << kKindShift) - 1);
  const int number = static_cast<int>(rest & kIdMask);
  if (kind == ClauseKind::kAge) {
    const int min = static_cast<int>(rest >> kIdBits & kIdMask);
    if (!age_.has_value()) return Verdict::kOpen;
    return *age_ >= min && (number == 0 || *age_ <= number) ? Verdict::kMet
                                                            : Verdict::kFailed;
  }
  Verdict best = Verdict::kFailed;
  int fresh_year = 0;
  if (kind == ClauseKind::kGrassroots) {
    best = !grassroots_months_.has_value() ? Verdict::kOpen
           : *grassroots_months_ >= number ? Verdict::kMet
                                           : Verdict::kFailed;
  } else if (kind == ClauseKind::kFresh) {
    fresh_year = number + kFirstYear;
  }
  if (kind != ClauseKind::kCodes) rest >>= kIdBits;
  for (; rest != 0; rest >>= kIdBits) {
    best = std::min(
        best, JudgeCode(static_cast<uint32_t>(rest & kIdMask), fresh_year));
  }
  return best;
}

std::optional<std::pair<std::string, std::string>> FindContradiction(
    const v1::Declarations& declarations) {
  const Facts& facts = Facts::Get();
  const auto& all = declarations.statements();
  for (int i = 0; i < all.size(); ++i) {
    const uint32_t a = Facts::IdOf(all[i].code());
    if (a == 0) continue;
    for (int j = 0; j < all.size(); ++j) {
      const uint32_t b = Facts::IdOf(all[j].code());
      if (i == j || b == 0) continue;
      const bool both = all[i].holds() && all[j].holds();
      const bool neither = !all[i].holds() && !all[j].holds();
      if ((both && Excludes(facts, a, b)) ||
          (all[i].holds() && !all[j].holds() && Implies(facts, a, b)) ||
          (neither && (facts.codes[a].negates == b))) {
        return std::make_pair(all[i].code(), all[j].code());
      }
    }
  }
  return std::nullopt;
}

std::string ConditionWords(const v1::PostingCondition& condition) {
  if (!condition.raw().empty()) return condition.raw();
  const CodeTable& table = *CodeTable::BuiltIn("condition");
  std::vector<std::string> names;
  for (const std::string& code : condition.any_of()) {
    const std::string_view name = table.Name(code);
    names.emplace_back(name.empty() ? std::string_view(code) : name);
  }
  if (condition.kind() == v1::PostingCondition::KIND_AGE) {
    if (condition.min() == 0) return absl::StrCat(condition.max(), " 周岁以下");
    if (condition.max() == 0) return absl::StrCat(condition.min(), " 周岁以上");
    return absl::StrCat(condition.min(), " 至 ", condition.max(), " 周岁");
  }
  if (condition.kind() == v1::PostingCondition::KIND_GRASSROOTS) {
    names.push_back(
        absl::StrCat(MonthsWords(condition.min()), "以上基层工作经历"));
  }
  std::string words;
  for (const std::string& name : names) {
    absl::StrAppend(&words, words.empty() ? "" : "或", name);
  }
  return words.empty() ? "见公告" : words;
}

}  // namespace gradmatch
