#include "matcher/text/condition_readers.h"

#include <algorithm>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "matcher/text/condition_words.h"
#include "matcher/text/normalize.h"

namespace gradmatch::condition_readers {

ParsedCondition Make(ConditionKind kind, std::vector<std::string> any_of) {
  ParsedCondition made;
  made.kind = kind;
  made.any_of = std::move(any_of);
  return made;
}

std::vector<std::string_view> Split(
    std::string_view text, std::initializer_list<std::string_view> separators) {
  std::vector<std::string_view> pieces;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < text.size();) {
    size_t size = 0;
    for (std::string_view separator : separators) {
      if (text.substr(i).starts_with(separator)) size = separator.size();
    }
    if (size > 0 && depth <= 0) {
      pieces.push_back(text.substr(begin, i - begin));
      begin = i + size;
    }
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("(") || rest.starts_with("（")) ++depth;
    if (rest.starts_with(")") || rest.starts_with("）")) --depth;
    i += std::max<size_t>(size, 1);
  }
  pieces.push_back(text.substr(begin));
  return pieces;
}

namespace {

// --- Persons: nothing a profile states ---

constexpr std::string_view kPeoples[] = {
    "蒙古",     "回族",   "藏族", "维吾尔", "苗族",   "彝族", "壮族",
    "布依",     "朝鲜族", "满族", "侗族",   "瑶族",   "白族", "土家族",
    "哈尼",     "哈萨克", "傣族", "黎族",   "傈僳",   "佤族", "畲族",
    "高山族",   "拉祜",   "水族", "东乡族", "纳西",   "景颇", "柯尔克孜",
    "土族",     "达斡尔", "仫佬", "羌族",   "布朗族", "撒拉", "毛南",
    "仡佬",     "锡伯",   "阿昌", "普米",   "塔吉克", "怒族", "乌孜别克",
    "俄罗斯族", "鄂温克", "德昂", "保安族", "裕固",   "京族", "塔塔尔",
    "独龙",     "鄂伦春", "赫哲", "门巴",   "珞巴",   "基诺", "少数民族"};

bool NamesOneOf(std::string_view form,
                std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return Contains(form, word);
  });
}

}  // namespace

bool IsOfPersons(std::string_view form) {
  if (ContainsAny(form,
                  {"残疾", "港澳", "香港", "澳门", "台湾居民", "户籍", "户口",
                   "生源", "常住", "原籍", "身高", "视力", "裸眼"})) {
    return true;
  }
  return NamesOneOf(form, kPeoples);
}

namespace {

// --- Numbers ---

}  // namespace

std::optional<ParsedCondition> ReadAge(std::string_view form) {
  Cursor in{form};
  in.EatAll({"年龄", "要求", "须", "需", "应", "在", "为", "限"});
  const bool at_most = in.EatAny({"不超过", "不大于", "不高于", "未满"});
  const std::optional<int> first = in.Int();
  if (!first.has_value()) return std::nullopt;
  ParsedCondition age = Make(ConditionKind::kAge);
  bool unit = in.EatAny({"周岁", "岁"});
  if (at_most) {
    age.max = *first;
  } else if (unit && in.EatAny({"及以下", "(含)以下", "以下", "以内"})) {
    age.max = *first;
  } else {
    if (unit) in.EatAny({"及以上", "(含)以上", "以上"});
    SkipRangeSign(form, in.at);
    in.EatAny({",", "、"});
    const std::optional<int> last = in.Int();
    if (!last.has_value()) return std::nullopt;
    unit = in.EatAny({"周岁", "岁"});
    in.EatAny({"及以下", "(含)以下", "以下", "以内", "之间"});
    age.min = *first;
    age.max = *last;
  }
  in.EatAll({"(含)", "人员", "报考"});
  if (!unit || !in.done() || age.max < 16 || age.max > 70 ||
      age.min > age.max) {
    return std::nullopt;
  }
  return age;
}

bool ReadService(std::string_view form, Conditions& conditions,
                 int& experience_months) {
  Cursor in{form};
  in.EatAll({"具有", "具备", "有", "须", "需", "要求", "应", "累计", "连续"});
  const std::optional<int> years = in.Int();
  if (!years.has_value() || *years > 20 || !in.EatAny({"年", "周年"})) {
    return false;
  }
  in.EatAny({"(含)以上", "及以上", "以上", "(含)"});
  in.EatAny({"的"});
  const bool grassroots = in.EatAny({"基层", "基层一线"});
  if (!in.EatAny({"工作经历", "工作经验", "工作年限"}) || !in.done()) {
    return false;
  }
  if (grassroots) {
    conditions.push_back(Make(ConditionKind::kGrassroots));
    conditions.back().min = *years * 12;
  } else {
    experience_months = std::max(experience_months, *years * 12);
  }
  return true;
}

namespace {

// --- Graduates of a year ---

}  // namespace

bool ReadClass(std::string_view form, Conditions& conditions,
               std::vector<int>& years) {
  Cursor in{form};
  in.EatAll({"限", "仅", "面向", "须", "需", "为", "国内", "全国"});
  const std::optional<int> year = in.Int();
  if (!year.has_value() || *year < 2000 || *year > 2100 ||
      !in.EatAny({"届", "年度", "年"})) {
    return false;
  }
  bool fresh = false;
  while (!in.done()) {
    if (in.EatAny({"应届", "往届"})) {
      fresh = true;
    } else if (!in.EatAny({"全日制", "普通", "高等院校", "高等学校", "高校",
                           "国内", "大学", "毕业生", "(", ")", "报考"})) {
      return false;
    }
  }
  if (!Contains(form, "毕业生") || Contains(form, "往届")) return false;
  if (Contains(form, "届") && !Contains(form, "应届毕业") &&
      !Contains(form, "年")) {
    years.push_back(*year);
    return true;
  }
  if (!fresh) return false;
  conditions.push_back(Make(ConditionKind::kEmployment, {"fresh-graduate"}));
  conditions.back().min = *year;
  return true;
}

namespace {

// --- Agreed at hiring ---

constexpr std::string_view kServiceYears[] = {
    "新录用", "录用后", "聘用后",   "录聘用后", "录用",   "聘用", "公务员",
    "人员",   "须",     "需",       "应",       "必须",   "在",   "于",
    "本",     "该",     "单位",     "职位",     "岗位",   "乡镇", "机关",
    "地区",   "本地",   "本县",     "本市",     "县",     "系统", "基层",
    "最低",   "工作",   "服务",     "年限",     "期限",   "期",   "满",
    "为",     "不少于", "不得少于", "不低于",   "至少",   "以上", "年",
    "五",     "三",     "(",        ")",        "含",     "试用", "(含试用期)",
    "同意",   "承诺",   "签订",     "协议",     "一线",   "考录", "所",
    "街道",   "内",     "并",       "5",        "周年",   "招录", "监狱",
    "戒毒所", "任教",   "执业",     "从事",     "及以上", "考生", "后"};

constexpr std::string_view kWorkingConditions[] = {
    "适合", "建议",   "男性",    "女性",   "报考",   "能",     "能够", "需要",
    "需",   "须",     "经常",    "长期",   "适应",   "胜任",   "服从", "安排",
    "加班", "值班",   "夜班",    "值夜班", "倒班",   "轮班",   "出差", "野外",
    "作业", "户外",   "工作",    "驻村",   "下乡",   "外勤",   "一线", "基层",
    "执法", "高强度", "强度",    "大",     "较大",   "较强",   "条件", "艰苦",
    "环境", "岗位",   "从事",    "承担",   "需值",   "小时",   "值守", "应急",
    "处置", "任务",   "节假日",  "和",     "及",     "、",     ",",    "等",
    "较多", "夜间",   "巡逻",    "办案",   "现场",   "高空",   "水上", "海上",
    "监管", "场所",   "执勤",    "要求",   "应",     "在",     "偏远", "地区",
    "山区", "海岛",   "并",      "压力",   "矛盾",   "纠纷",   "调解", "通宵",
    "驻点", "驻外",   "随时",    "的",     "本职位", "该职位", "职位", "因",
    "需能", "以及",   "工作任务"};
constexpr std::string_view kWorkingKeys[] = {
    "加班", "值班", "夜班", "倒班", "轮班", "出差", "野外", "户外",
    "驻村", "下乡", "外勤", "执法", "强度", "艰苦", "适合", "建议",
    "值守", "应急", "办案", "巡逻", "执勤", "高空", "水上", "海上",
    "压力", "通宵", "驻点", "驻外", "一线", "夜间"};

}  // namespace

std::optional<ParsedCondition> ReadUndertaking(std::string_view form) {
  if (ContainsAny(form, {"服务", "工作"}) && Contains(form, "年") &&
      ContainsAny(form,
                  {"满", "最低", "不少于", "不得少于", "不低于", "至少"}) &&
      !ContainsAny(form, {"经历", "经验"}) && OnlyWords(form, kServiceYears)) {
    return Make(ConditionKind::kUndertaking, {"agrees-service-years"});
  }
  if (NamesOneOf(form, kWorkingKeys) && OnlyWords(form, kWorkingConditions)) {
    return Make(ConditionKind::kUndertaking, {"accepts-conditions"});
  }
  return std::nullopt;
}

namespace {

// --- Majors ---

std::string_view SystemOfCode(std::string_view code) {
  switch (code.empty() ? ' ' : code[0]) {
    case 'A':
      return "gd2025-A";
    case 'B':
      return "gd2025-B";
    case 'C':
      return "gd2025-C";
    default:
      return "undergraduate";
  }
}

// The code in brackets at `at` ("(a120202)"), known to its table.
std::optional<MajorCode> CodeInBrackets(std::string_view form, size_t& at) {
  size_t i = at;
  if (!Skip(form, i, "(")) return std::nullopt;
  const size_t begin = i;
  while (i < form.size() && form[i] != ')') ++i;
  if (i == form.size()) return std::nullopt;
  std::string code(form.substr(begin, i - begin));
  for (char& c : code) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  if (code.size() < 2 || code.size() > 8) return std::nullopt;
  const std::string_view system = SystemOfCode(code);
  const CodeEntry* entry = CodeTable::BuiltIn(system)->Find(code);
  if (entry == nullptr) return std::nullopt;
  at = i + 1;
  return MajorCode{std::string(system), std::string(entry->code), entry->level};
}

// The code in brackets that ends `part`; `before` is what stands before it.
std::optional<MajorCode> CodeAtEnd(std::string_view part,
                                   std::string_view& before) {
  size_t open = part.rfind('(');
  if (open == std::string_view::npos) return std::nullopt;
  before = part.substr(0, open);
  const auto code = CodeInBrackets(part, open);
  return open == part.size() ? code : std::nullopt;
}

}  // namespace

bool ReadDirections(std::string_view form, Conditions& conditions) {
  Conditions read;
  bool complete = true;  // what was read narrows its major
  for (std::string_view part : Split(form, {","})) {
    if (part.starts_with("不包含") || part.starts_with("不含") ||
        part.starts_with("不包括")) {
      if (complete) return false;
      complete = true;
      continue;
    }
    std::string_view name;
    const auto code = CodeAtEnd(part, name);
    if (!complete || !code.has_value()) return false;
    read.push_back(Make(ConditionKind::kMajorDirection));
    read.back().majors.push_back(*code);
    complete =
        name.ends_with(")") && ContainsAny(name, {"(限", "(仅限", "(方向"});
  }
  if (!complete || read.empty()) return false;
  conditions.insert(conditions.end(), read.begin(), read.end());
  return true;
}

std::optional<ParsedCondition> ReadBachelor(std::string_view form) {
  Cursor in{form};
  in.EatAny({"其"});
  if (!in.EatAny({"本科阶段", "本科"})) return std::nullopt;
  in.EatAll({"所学", "专业", "学历", "阶段", "须", "需", "应", "必须", "限"});
  if (!in.Eat("为")) return std::nullopt;
  const size_t begin = in.at;
  const size_t end = form.find("专业", begin);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view major = form.substr(begin, end - begin);
  in.at = end + std::string_view("专业").size();
  in.EatAll({"且", "并", "获", "取得", "获得", "有", "具"});
  const std::string_view degree = form.substr(in.at);
  const bool degree_only =
      degree.empty() || (degree.ends_with("学士学位") && degree.size() < 60);
  if (!degree_only) return std::nullopt;
  ParsedCondition bachelor = Make(ConditionKind::kBachelor);
  if (major == "法学" && (degree.empty() || degree == "法学学士学位")) {
    bachelor.any_of = {"bachelor-law"};
  }
  return bachelor;
}

void AddMajorsNamed(std::string_view name, std::vector<MajorCode>& majors) {
  for (std::string_view system :
       {"gd2025-A", "gd2025-B", "gd2025-C", "undergraduate"}) {
    const CodeTable& table = *CodeTable::BuiltIn(system);
    std::vector<const CodeEntry*> found = table.FindByName(name);
    const auto more = table.FindByName(absl::StrCat(A(name), "类"));
    found.insert(found.end(), more.begin(), more.end());
    int level = 1;
    for (int tried : {3, 2}) {
      for (const CodeEntry* e : found)
        level = e->level == tried ? tried : level;
    }
    for (const CodeEntry* e : found) {
      if (e->level != level) continue;
      majors.push_back({std::string(system), std::string(e->code), e->level});
    }
  }
}

}  // namespace gradmatch::condition_readers
