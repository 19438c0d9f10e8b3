#include "matcher/reverse/graduate_match.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "matcher/encoder_input.h"
#include "matcher/reasons.h"

namespace gradmatch {
namespace {

struct Word {
  std::string_view code;
  std::string_view text_zh;
};

// Pay expected and kinds of employer wished for are left out: they say more of
// the graduate than of the fit. What is true of the posting for everybody
// (FRESH, OPENINGS) says nothing here.
constexpr Word kReasons[] = {
    {"MAJOR_MATCH", "专业一致"},
    {"MAJOR_GROUP_MATCH", "专业属于要求的类别"},
    {"ANY_MAJOR", "专业不限"},
    {"FUNCTION_WANTED", "岗位类别符合意向"},
    {"FUNCTION_MATCH", "岗位类别与专业常见去向一致"},
    {"PLACE_WANTED", "工作地点符合意向"},
    {"SKILLS", "掌握岗位提到的技能"},
    {"DEGREE", "学历满足要求"},
    {"EXPERIENCE", "工作经验满足要求"},
    {"SIMILAR", "岗位内容与档案相近"},
};

constexpr Word kConditions[] = {
    {"REGION_UNKNOWN", "需核对生源地"},
    {"SCHOOL_UNKNOWN", "需核对毕业学校"},
    {"DEGREE_UNKNOWN", "需核对学历"},
    {"DEGREE_TEXT_UNREAD", "学历要求以岗位原文为准"},
    {"MAJOR_UNKNOWN", "需核对专业"},
    {"MAJOR_OTHER_CATALOGUE", "需按岗位所用目录核对专业"},
    {"MAJOR_NOT_EXACT", "需核对具体专业"},
    {"MAJOR_LEVEL_UNKNOWN", "需核对学历与专业"},
    {"MAJOR_TEXT_UNREAD", "专业要求以岗位原文为准"},
    {"GRADUATION_YEAR_UNKNOWN", "需核对毕业年份"},
    {"EXPERIENCE_UNKNOWN", "需核对工作经验"},
    {"PLACE_UNKNOWN", "岗位未注明工作地点"},
    {"PLACE_NOT_EXACT", "岗位只注明较大范围的工作地点"},
    {"FUNCTION_UNKNOWN", "岗位未注明岗位类别"},
    {"FUNCTION_NOT_EXACT", "岗位只注明岗位大类"},
};

v1::Reason Told(std::string_view code, std::string_view text) {
  v1::Reason reason;
  reason.set_code(std::string(code));
  reason.set_text_zh(std::string(text));
  return reason;
}

template <size_t kSize>
const Word* Find(const Word (&words)[kSize], std::string_view code) {
  const Word* const end = words + kSize;
  const Word* const word = std::find_if(
      words, end, [&](const Word& one) { return one.code == code; });
  return word == end ? nullptr : word;
}

}  // namespace

std::vector<v1::Reason> ReasonsForReaders(
    const std::vector<v1::Reason>& reasons) {
  std::vector<v1::Reason> told;
  for (const v1::Reason& reason : reasons) {
    const Word* const word = Find(kReasons, reason.code());
    if (word != nullptr) told.push_back(Told(word->code, word->text_zh));
  }
  return told;
}

v1::Eligibility EligibilityForReaders(const v1::Eligibility& eligibility) {
  v1::Eligibility told;
  told.set_outcome(eligibility.outcome());
  for (const v1::Reason& condition : eligibility.conditions()) {
    const Word* const word = Find(kConditions, condition.code());
    *told.add_conditions() =
        Told(condition.code(),
             word == nullptr ? "岗位另有条件需核对" : word->text_zh);
  }
  return told;
}

absl::StatusOr<v1::GraduateMatch> DescribeGraduate(
    const Encoder& encoder, const v1::Posting& posting,
    const v1::Graduate& graduate, const Score& score, absl::Time now,
    const RankerWeights& weights) {
  const v1::Profile profile = ProfileForReaders(graduate);
  const auto embedding = EncodeProfile(encoder, profile);
  if (!embedding.ok()) return embedding.status();
  const auto posting_embedding = EncodePosting(encoder, posting);
  if (!posting_embedding.ok()) return posting_embedding.status();
  const ProfileQuery query = CompileProfile(profile, *embedding, now);
  const AttributeRow attributes = PostingAttributes(posting, false);
  const RowAttributes row(attributes);

  v1::GraduateMatch match;
  match.set_graduate(graduate.name());
  match.set_score(score.score);
  match.set_wants_score(score.wants);
  match.set_fits_score(score.fits);
  const Features features =
      PairFeatures(query.features, query.embedding, row, *posting_embedding);
  for (v1::Reason& reason : ReasonsForReaders(
           MakeReasons(weights, features, profile, posting, row, now))) {
    *match.add_reasons() = std::move(reason);
  }
  *match.mutable_eligibility() =
      EligibilityForReaders(CheckEligibility(query.eligibility, posting));
  return match;
}

}  // namespace gradmatch
