#include "matcher/posting_schema.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "index/base/clock.h"
#include "index/keys.h"
#include "matcher/conditions.h"
#include "matcher/posting_keys.h"
#include "matcher/proto_time.h"
#include "matcher/text/dictionary.h"
#include "matcher/text/normalize.h"
#include "matcher/text/segmenter.h"

namespace gradmatch {
namespace {

using Keys = std::vector<uint64_t>;

constexpr size_t kMaxSkillBytes = 4096;  // of each long text

void SortUnique(Keys& keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

int32_t Clamp32(int64_t value) {
  return static_cast<int32_t>(
      std::clamp<int64_t>(value, std::numeric_limits<int32_t>::min(),
                          std::numeric_limits<int32_t>::max()));
}

// A least level of lower secondary school asks for nothing.
int32_t MinLevel(const v1::EducationRequirement& education) {
  const bool stated = education.min_level() != 0 || education.max_level() != 0;
  if (!stated) return education.raw().empty() ? 0 : kLevelUnread;
  return education.min_level() <= 1 ? 0 : education.min_level();
}

void AddMajorCode(int level, const v1::Code& code, Keys& keys) {
  const MajorSystem system = MajorSystemOf(code.system());
  const std::string digits = MajorDigits(code.code());
  if (system == MajorSystem::kUnknown || digits.empty()) {
    keys.push_back(MajorTextKey(level));
    return;
  }
  keys.push_back(MajorSystemKey(level, system));
  for (std::string_view prefix : Prefixes(digits)) {
    keys.push_back(prefix.size() == digits.size()
                       ? MajorKey(level, system, prefix)
                       : MajorBelowKey(level, system, prefix));
  }
}

Keys MajorKeys(const v1::MajorRequirement& majors) {
  Keys keys;
  if (!majors.raw().empty()) keys.push_back(kMajorTextKey);
  if (majors.groups().empty() && keys.empty()) keys.push_back(AnyMajorKey(0));
  for (const v1::MajorRequirement::Group& group : majors.groups()) {
    std::vector<int> levels = {0};
    if (!group.levels().empty()) {
      levels.assign(group.levels().begin(), group.levels().end());
    }
    for (int level : levels) {
      keys.push_back(MajorLevelKey(level));
      if (group.any_major()) keys.push_back(AnyMajorKey(level));
      for (const v1::Code& code : group.codes()) {
        AddMajorCode(level, code, keys);
      }
    }
    // A group that names nothing was meant to say something.
    if (!group.any_major() && group.codes().empty()) {
      keys.push_back(kMajorTextKey);
    }
  }
  return keys;
}

// A code's keys in a tree; kNotStatedKey for one that names nothing we know.
void AddTreeCode(std::string_view digits, Keys& keys) {
  if (digits.empty()) {
    keys.push_back(kNotStatedKey);
    return;
  }
  for (std::string_view prefix : Prefixes(digits)) {
    keys.push_back(WithinKey(prefix));
  }
  keys.push_back(AtKey(digits));
}

Keys PlaceKeys(const v1::Posting& posting) {
  Keys keys;
  for (const v1::Location& location : posting.locations()) {
    AddTreeCode(RegionDigits(location.region().code()), keys);
  }
  if (keys.empty()) keys.push_back(kNotStatedKey);
  return keys;
}

Keys FunctionKeys(const v1::Posting& posting) {
  Keys keys;
  for (const v1::Code& code : posting.functions()) {
    AddTreeCode(FunctionDigits(code.code()), keys);
  }
  if (keys.empty()) keys.push_back(kNotStatedKey);
  return keys;
}

Keys VisibilityKeys(const v1::Visibility& visibility) {
  Keys keys;
  for (const std::string& province : visibility.provinces()) {
    keys.push_back(kProvincesNamedKey);
    keys.push_back(ProvinceKey(std::string_view(province).substr(0, 2)));
  }
  for (const std::string& school : visibility.schools()) {
    keys.push_back(kSchoolsNamedKey);
    keys.push_back(SchoolKey(school));
  }
  if (keys.empty()) keys.push_back(kAnyKey);
  return keys;
}

// The skills our dictionary knows. The stored text is clean (ingest saw to it),
// so lower case is all that is missing to matching form; the whole
// normalisation of every description would cost a second at each start.
void AddSkillsInText(std::string_view text, Keys& keys) {
  std::string form(CutUtf8(text, kMaxSkillBytes));
  for (char& c : form) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const Dictionary& dictionary = Dictionary::Default();
  thread_local std::vector<Token> tokens;
  Segment(form, dictionary, Grain::kFine, tokens);
  for (const Token& token : tokens) {
    if ((token.kinds & kSkillTerm) == 0 || token.term == kNoTerm) continue;
    for (const Meaning& meaning : dictionary.meanings(token.term)) {
      if (meaning.kind == kSkillTerm) keys.push_back(NameKey(meaning.code));
    }
  }
}

// 残疾证 and the like, which some postings ask for as if they were skills: no
// score and no reason may come of them.
bool IsSensitive(std::string_view skill) {
  const Dictionary& dictionary = Dictionary::Default();
  const uint32_t term = dictionary.Find(MatchingForm(skill));
  return term != kNoTerm && (dictionary.kinds(term) & kSensitiveTerm) != 0;
}

Keys SkillKeys(const v1::Posting& posting) {
  Keys keys;
  for (const std::string& skill : posting.skills()) {
    if (!IsSensitive(skill)) keys.push_back(SkillKey(skill));
  }
  AddSkillsInText(posting.title(), keys);
  AddSkillsInText(posting.requirements(), keys);
  AddSkillsInText(posting.description(), keys);
  return keys;
}

uint64_t EmployerKey(const v1::Employer& employer) {
  return employer.uscc().empty() ? NameKey(MatchingForm(employer.name()))
                                 : NameKey(employer.uscc());
}

std::vector<int32_t> Scalars(const v1::Posting& posting, bool sandbox) {
  std::vector<int32_t> scalars(kPostingScalarCount);
  const v1::Salary& pay = posting.salary();
  scalars[kMinLevelColumn] = MinLevel(posting.education());
  scalars[kMaxLevelColumn] = posting.education().max_level() == 0
                                 ? kNoMaxLevel
                                 : posting.education().max_level();
  scalars[kExpireColumn] = posting.has_expire_time()
                               ? SchemaSecond(TimeOf(posting.expire_time()))
                               : std::numeric_limits<int32_t>::max();
  scalars[kExperienceColumn] = std::max(0, posting.experience_months());
  scalars[kMinPayColumn] = pay.min_monthly();
  scalars[kMaxPayColumn] = pay.max_monthly();
  scalars[kOpeningsColumn] = std::max(1, posting.openings());
  scalars[kPublishDayColumn] =
      posting.has_publish_time() ? ChinaDay(TimeOf(posting.publish_time())) : 0;
  scalars[kKindColumn] = posting.kind() == v1::POSTING_KIND_UNSPECIFIED
                             ? v1::POSTING_KIND_REGULAR
                             : posting.kind();
  scalars[kEmployerKindColumn] = posting.employer().kind();
  scalars[kSandboxColumn] = sandbox ? 1 : 0;
  return scalars;
}

}  // namespace

const ColumnSchema& PostingSchema() {
  static const ColumnSchema& schema = *new ColumnSchema{
      .scalars = {"min_level", "max_level", "expire", "experience_months",
                  "min_pay", "max_pay", "openings", "publish_day", "kind",
                  "employer_kind", "sandbox"},
      .sets = {"majors", "places", "graduation_years", "functions",
               "visibility", "skills", "canonical", "employer", "conditions"}};
  return schema;
}

bool IsSearchable(const v1::Posting& posting) {
  return posting.state() == v1::Posting::STATE_OPEN;
}

AttributeRow EligibilityAttributes(const v1::Posting& posting, bool sandbox) {
  AttributeRow row;
  row.scalars = Scalars(posting, sandbox);
  row.sets.resize(kPostingSetCount);
  row.sets[kMajorColumn] = MajorKeys(posting.majors());
  row.sets[kPlaceColumn] = PlaceKeys(posting);
  row.sets[kFunctionColumn] = FunctionKeys(posting);
  row.sets[kVisibilityColumn] = VisibilityKeys(posting.visibility());
  for (int32_t year : posting.graduation_years()) {
    row.sets[kGraduationYearColumn].push_back(static_cast<uint64_t>(year));
  }
  if (posting.graduation_years().empty()) {
    row.sets[kGraduationYearColumn].push_back(kAnyKey);
  }
  AddConditionKeys(posting.conditions(), row.sets[kConditionColumn]);
  for (Keys& keys : row.sets) SortUnique(keys);
  return row;
}

AttributeRow PostingAttributes(const v1::Posting& posting, bool sandbox) {
  AttributeRow row = EligibilityAttributes(posting, sandbox);
  row.sets[kSkillColumn] = SkillKeys(posting);
  SortUnique(row.sets[kSkillColumn]);
  row.sets[kCanonicalColumn] = {NameKey(posting.canonical_posting().empty()
                                            ? posting.name()
                                            : posting.canonical_posting())};
  row.sets[kEmployerColumn] = {EmployerKey(posting.employer())};
  return row;
}

int32_t SchemaSecond(absl::Time time) {
  static const absl::Time start = absl::FromUnixSeconds(946'684'800);
  return Clamp32(
      absl::ToInt64Seconds(absl::Floor(time - start, absl::Seconds(1))));
}

std::optional<std::string> PostingKeyOfName(std::string_view name) {
  constexpr std::string_view kHead = "sources/";
  constexpr std::string_view kMiddle = "/postings/";
  if (!name.starts_with(kHead)) return std::nullopt;
  name.remove_prefix(kHead.size());
  const size_t middle = name.find(kMiddle);
  if (middle == std::string_view::npos) return std::nullopt;
  const std::string_view source = name.substr(0, middle);
  const std::string_view posting = name.substr(middle + kMiddle.size());
  if (!IsValidId(source) || !IsValidId(posting)) return std::nullopt;
  return PostingKey(source, posting);
}

}  // namespace gradmatch
