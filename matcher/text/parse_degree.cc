#include "matcher/text/parse_degree.h"

#include <algorithm>
#include <string>
#include <vector>

#include "matcher/text/scan.h"

namespace gradmatch {
namespace {

struct Word {
  std::string_view text;
  EducationLevel level;
};

// Longer words first where one is part of another.
constexpr Word kWords[] = {
    {"博士研究生", EducationLevel::kDoctor},
    {"博士", EducationLevel::kDoctor},
    {"phd", EducationLevel::kDoctor},
    {"doctor", EducationLevel::kDoctor},
    {"硕士研究生", EducationLevel::kMaster},
    {"硕士", EducationLevel::kMaster},
    {"研究生", EducationLevel::kMaster},
    {"master", EducationLevel::kMaster},
    {"mba", EducationLevel::kMaster},
    {"emba", EducationLevel::kMaster},
    {"职业本科", EducationLevel::kBachelor},
    {"大学本科", EducationLevel::kBachelor},
    {"专升本", EducationLevel::kBachelor},
    {"本科", EducationLevel::kBachelor},
    {"学士", EducationLevel::kBachelor},
    {"bachelor", EducationLevel::kBachelor},
    {"大学专科", EducationLevel::kVocational},
    {"高等职业", EducationLevel::kVocational},
    {"中等专科", EducationLevel::kSecondary},
    {"中等职业", EducationLevel::kSecondary},
    {"职业高中", EducationLevel::kSecondary},
    {"职业中专", EducationLevel::kSecondary},
    {"大专", EducationLevel::kVocational},
    {"专科", EducationLevel::kVocational},
    {"高职", EducationLevel::kVocational},
    {"高专", EducationLevel::kVocational},
    {"中专", EducationLevel::kSecondary},
    {"中技", EducationLevel::kSecondary},
    {"中职", EducationLevel::kSecondary},
    {"技工学校", EducationLevel::kSecondary},
    {"技校", EducationLevel::kSecondary},
    {"技工", EducationLevel::kSecondary},
    {"职高", EducationLevel::kSecondary},
    {"普通高中", EducationLevel::kSecondary},
    {"高中", EducationLevel::kSecondary},
    {"初中", EducationLevel::kNone},
    {"小学", EducationLevel::kNone},
    {"大学", EducationLevel::kBachelor},
};

struct Named {
  EducationLevel level;
  bool at_least = false;   // 及以上
  bool at_most = false;    // 及以下
  bool below = false;      // 以下
  bool preferred = false;  // 优先
  bool range = false;      // 至 stands before it
};

std::vector<Named> FindLevels(std::string_view text) {
  std::vector<Named> found;
  size_t last_end = std::string_view::npos;
  for (size_t i = 0; i < text.size();) {
    const auto word = std::find_if(
        std::begin(kWords), std::end(kWords),
        [&](const Word& w) { return text.substr(i).starts_with(w.text); });
    if (word == std::end(kWords)) {
      ++i;
      continue;
    }
    Named named{word->level};
    if (last_end != std::string_view::npos) {
      size_t at = last_end;
      named.range = SkipRangeSign(text, at) && at == i;
    }
    i += word->text.size();
    last_end = i;
    SkipAny(text, i, {"毕业生", "毕业", "学历", "学位", "生"});
    if (SkipAny(text, i, {"及以上", "或以上", "及其以上", "以上", "起"})) {
      named.at_least = true;
    } else if (SkipAny(text, i, {"及以下", "或以下"})) {
      named.at_most = true;
    } else if (Skip(text, i, "以下")) {
      named.below = true;
    }
    SkipAny(text, i, {"学历", "学位"});
    named.preferred =
        SkipAny(text, i, {"者优先", "优先", "更佳", "尤佳", "加分"});
    found.push_back(named);
  }
  return found;
}

}  // namespace

std::string_view Name(EducationLevel level) {
  switch (level) {
    case EducationLevel::kNone:
      return "初中及以下";
    case EducationLevel::kSecondary:
      return "高中/中专";
    case EducationLevel::kVocational:
      return "大专";
    case EducationLevel::kBachelor:
      return "本科";
    case EducationLevel::kMaster:
      return "硕士";
    case EducationLevel::kDoctor:
      return "博士";
  }
  return "";
}

Parsed<DegreeRange> ParseDegree(std::string_view text) {
  const std::string form = CompactForm(text);
  const std::vector<Named> all = FindLevels(form);
  DegreeRange range;
  range.full_time = ContainsAny(form, {"统招", "全日制", "双证"});
  if (all.empty()) {
    if (ContainsAny(form, {"不限", "无要求", "不要求", "无学历", "无限制",
                           "不作要求", "学历要求无"})) {
      return Certain(range);
    }
    return {};
  }
  std::vector<Named> levels;
  for (const Named& n : all) {
    if (!n.preferred) levels.push_back(n);
  }
  if (levels.empty()) {
    return Uncertain(range, "只写了优先的学历，按不限学历处理");
  }
  const auto by_level = [](const Named& a, const Named& b) {
    return a.level < b.level;
  };
  const Named low = *std::min_element(levels.begin(), levels.end(), by_level);
  const Named high = *std::max_element(levels.begin(), levels.end(), by_level);
  // "初中及以下" is the name of the lowest level, and asks for nothing.
  if (low.at_most || low.below) {
    if (low.level == EducationLevel::kNone) return Certain(range);
    range.max =
        low.below ? static_cast<EducationLevel>(static_cast<int>(low.level) - 1)
                  : low.level;
    return Certain(range);
  }
  range.min = low.level;
  if (high.at_most) {
    range.max = high.level;
  } else if (levels.size() == 2 && levels[1].range && !high.at_least &&
             high.level > low.level) {
    range.max = high.level;
  } else if (levels.size() == 1 && !low.at_least &&
             ContainsAny(form, {"仅限", "只限", "限本科", "限硕士", "限博士",
                                "限大专"})) {
    range.max = low.level;
  }
  if (form == "大学") return Uncertain(range, "“大学”按本科处理");
  return Certain(range);
}

}  // namespace gradmatch
