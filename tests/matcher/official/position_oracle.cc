#include "tests/matcher/official/position_oracle.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <utility>

namespace gradmatch::oracle {
namespace {

const std::string& Cell(const Cells& cells, const std::string& column) {
  static const std::string empty;
  const auto it = cells.find(column);
  return it == cells.end() ? empty : it->second;
}

std::vector<std::string> SplitAt(const std::string& text,
                                 const std::string& separator) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t at; (at = text.find(separator, begin)) != std::string::npos;
       begin = at + separator.size()) {
    parts.push_back(text.substr(begin, at - begin));
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::string Trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// --- Statements ---

enum class Stated { kUnknown, kYes, kNo };

// What somebody who holds the first holds as well.
const std::vector<std::pair<std::string, std::string>> kIncludes = {
    {"title-accounting-3", "title-accounting-2"},
    {"title-audit-3", "title-audit-2"},
    {"title-road-bridge-3", "title-road-bridge-2"},
    {"title-road-bridge-2", "title-road-bridge"},
    {"title-road-bridge-3", "title-road-bridge"},
    {"title-cost-2", "title-cost"},
    {"legal-qualification-a", "legal-qualification"},
    {"college-veteran", "veteran"},
    {"physician-clinical", "physician"},
    {"physician-registered", "physician"},
    {"catti-en-2-oral", "catti-en-3-oral"},
    {"three-supports", "grassroots-project"}};
const std::vector<std::set<std::string>> kOnlyOne = {
    {"cpc-member", "league-member", "masses", "rcck-member", "cdl-member",
     "cdnca-member", "capd-member", "cpwdp-member", "nonpartisan"},
    {"male", "female"}};

Stated Of(const Person& person, const std::string& code) {
  const auto own = person.statements.find(code);
  if (own != person.statements.end()) {
    return own->second ? Stated::kYes : Stated::kNo;
  }
  for (const auto& [more, less] : kIncludes) {
    const auto it = person.statements.find(more);
    if (less == code && it != person.statements.end() && it->second) {
      return Stated::kYes;
    }
    const auto below = person.statements.find(less);
    if (more == code && below != person.statements.end() && !below->second) {
      return Stated::kNo;
    }
  }
  for (const std::set<std::string>& group : kOnlyOne) {
    if (!group.contains(code)) continue;
    for (const auto& [other, holds] : person.statements) {
      if (holds && other != code && group.contains(other)) return Stated::kNo;
    }
  }
  return Stated::kUnknown;
}

// --- Pieces of 其他要求 ---

struct Asked {
  std::vector<std::string> any_of;  // empty: nobody can tell
  std::vector<int> levels;          // of some levels only
  std::vector<std::string> majors;  // of some majors only
  int max_age = 0;
  bool promise = false;  // one of any_of is agreed at hiring
};

const std::map<std::string, Asked>& Table() {
  static const std::map<std::string, Asked> table = {
      {"男性", {{"male"}}},
      {"女性", {{"female"}}},
      {"中共党员", {{"cpc-member"}}},
      {"中共党员或共青团员", {{"cpc-member", "league-member"}}},
      {"非中共党员（民主党派仅限民革党员）",
       {{"rcck-member", "league-member", "nonpartisan", "masses"}}},
      {"非中共党员（民主党派仅限民盟盟员）",
       {{"cdl-member", "league-member", "nonpartisan", "masses"}}},
      {"非中共党员（民主党派仅限民进会员）",
       {{"capd-member", "league-member", "nonpartisan", "masses"}}},
      {"非中共党员（民主党派仅限民建会员）",
       {{"cdnca-member", "league-member", "nonpartisan", "masses"}}},
      {"非中共党员（民主党派仅限农工党党员）",
       {{"cpwdp-member", "league-member", "nonpartisan", "masses"}}},
      {"通过法律职业资格考试", {{"legal-qualification"}}},
      {"通过法律职业资格考试，未通过的录用后需在录用单位工作满5年",
       {{"legal-qualification", "agrees-service-years"}, {}, {}, 0, true}},
      {"法学专业报考者须通过法律职业资格考试",
       {{"legal-qualification"}, {}, {"A0301", "B0301", "C03"}}},
      {"普通高等院校毕业生（非在职）", {{"full-time-graduate"}}},
      {"本科须为法学专业且获法学学士学位", {{"bachelor-law"}}},
      {"研究生报考者本科须为法学专业且获法学学士学位",
       {{"bachelor-law"}, {5, 6}}},
      {"录用后需在录用单位工作满5年",
       {{"agrees-service-years"}, {}, {}, 0, true}},
      {"需开展心理素质测评", {{"accepts-tests"}, {}, {}, 0, true}},
      {"面向“服务基层项目人员和退役大学生士兵”专门职位",
       {{"grassroots-project", "college-veteran"}}},
      {"司法警官院校毕业生", {{"judicial-police-college"}}},
      {"英语专业八级", {{"english-major-8"}}},
      {"法语专业八级", {{"french-major-8"}}},
      {"具有会计专业技术资格（中级以上）", {{"title-accounting-2"}}},
      {"具有会计或审计专业技术资格（中级以上）",
       {{"title-accounting-2", "title-audit-2"}}},
      {"具有会计专业技术资格（中级以上），或具有注册会计师资格",
       {{"title-accounting-2", "cpa"}}},
      {"具有注册会计师或会计专业技术资格（中级以上）或审计专业技术资格（中级以"
       "上）之一",
       {{"cpa", "title-accounting-2", "title-audit-2"}}},
      {"具有路桥专业技术资格", {{"title-road-bridge"}}},
      {"具有路桥专业技术资格（中级以上）", {{"title-road-bridge-2"}}},
      {"具有路桥专业技术资格（高级）", {{"title-road-bridge-3"}}},
      {"具有水利水电专业技术资格（中级以上）", {{"title-water-2"}}},
      {"具有工程造价专业技术资格或造价工程师执业资格证书",
       {{"title-cost", "cost-engineer-1"}}},
      {"具有工程造价专业技术资格或注册造价工程师执业资格",
       {{"title-cost", "cost-engineer-1"}}},
      {"具有造价工程师执业资格证书", {{"cost-engineer-1"}}},
      {"具有一级造价工程师职业资格证书", {{"cost-engineer-1"}}},
      {"具有执业医师资格", {{"physician"}}},
      {"具有临床执业医师资格", {{"physician-clinical"}}},
      {"具有医师执业证书", {{"physician-registered"}}},
      {"具有执业药师资格", {{"pharmacist"}}},
      {"具有计算机专业技术资格（软件设计师、网络工程师、软件测评师中级以上）",
       {{"ruankao-software-designer", "ruankao-network-engineer",
         "ruankao-software-evaluator"}}},
      {"具有卫生专业技术资格（临床医学检验专业）", {{"health-laboratory"}}},
      {"具有护士执业资格证书或卫生专业技术资格（护理学专业）",
       {{"nurse", "health-nursing"}}},
      {"具有全国翻译专业资格（水平）英语二级口译（交替传译）以上证书",
       {{"catti-en-2-oral"}}},
      {"英语专业八级或者具有全国翻译专业资格（水平）英语三级口译（交替传译）以"
       "上证书",
       {{"english-major-8", "catti-en-3-oral"}}},
      {"35周岁以下", {{}, {}, {}, 35}}};
  return table;
}

struct Piece {
  bool known = false;
  Asked asked;
};

Piece ReadNew(const std::string& piece) {
  const auto it = Table().find(piece);
  if (it != Table().end()) return {true, it->second};
  // A direction of a major: X（限：Y）（CODE）, or X（CODE），不包含Y.
  static const std::regex direction("（([ABC][0-9]+)）");
  std::smatch match;
  if ((piece.find("（限：") != std::string::npos ||
       piece.find("不包含") != std::string::npos) &&
      std::regex_search(piece, match, direction)) {
    Asked asked;
    asked.majors.push_back(match[1]);
    return {true, asked};
  }
  // Peoples, disability, Hong Kong and Macao: known, and never told.
  for (const char* word : {"族", "残疾", "港澳"}) {
    if (piece.find(word) != std::string::npos) return {true, Asked{}};
  }
  return {};
}

const Piece& Read(const std::string& piece) {
  static auto* const read = new std::map<std::string, Piece>;
  const auto it = read->find(piece);
  if (it != read->end()) return it->second;
  return (*read)[piece] = ReadNew(piece);
}

std::vector<std::string> Pieces(const Cells& cells) {
  std::vector<std::string> pieces;
  for (const std::string& part : SplitAt(Cell(cells, "其他要求"), ";")) {
    for (const std::string& piece : SplitAt(part, ", ")) {
      if (!Trimmed(piece).empty()) pieces.push_back(Trimmed(piece));
    }
  }
  return pieces;
}

Answer JudgeAsked(const Asked& asked, const Person& person) {
  if (asked.max_age > 0) {
    if (person.age < 0) return Answer::kConditional;
    return person.age <= asked.max_age ? Answer::kEligible
                                       : Answer::kIneligible;
  }
  if (asked.any_of.empty()) return Answer::kConditional;
  bool all_denied = !asked.promise;
  for (const std::string& code : asked.any_of) {
    const Stated stated = Of(person, code);
    if (stated == Stated::kYes) return Answer::kEligible;
    if (stated == Stated::kUnknown) all_denied = false;
  }
  return all_denied ? Answer::kIneligible : Answer::kConditional;
}

// --- Other columns ---

std::pair<int, int> LevelsOf(const Cells& cells) {
  static const std::map<std::string, std::pair<int, int>> by_education = {
      {"大专以上", {3, 6}},
      {"大专、本科", {3, 4}},
      {"本科", {4, 4}},
      {"本科以上", {4, 6}},
      {"研究生", {5, 6}}};
  static const std::map<std::string, std::pair<int, int>> by_degree = {
      {"不限", {1, 6}},       {"学士", {4, 4}}, {"学士以上", {4, 6}},
      {"学士、硕士", {4, 5}}, {"硕士", {5, 5}}, {"硕士以上", {5, 6}},
      {"博士", {6, 6}}};
  const auto a = by_education.at(Cell(cells, "学历"));
  const auto b = by_degree.at(Cell(cells, "学位"));
  return {std::max(a.first, b.first), std::min(a.second, b.second)};
}

Answer JudgeFresh(const Cells& cells, const Person& person) {
  const std::string& limit = Cell(cells, "是否限应届毕业生报考");
  if (limit.empty() || limit == "否") return Answer::kEligible;
  const int year = std::atoi(Cell(cells, "year").c_str());
  const int own = person.graduation_year;
  if (limit != "应届毕业生") {  // 2025届高校毕业生
    if (own == 0) return Answer::kConditional;
    return own == std::atoi(limit.c_str()) ? Answer::kEligible
                                           : Answer::kIneligible;
  }
  const Stated stated = Of(person, "fresh-graduate");
  if (stated == Stated::kYes) return Answer::kEligible;
  if (stated == Stated::kNo) return Answer::kIneligible;
  if (own == 0) return Answer::kConditional;
  if (own == year) return Answer::kEligible;
  return own == year - 1 || own == year - 2 ? Answer::kConditional
                                            : Answer::kIneligible;
}

Answer JudgeGrassroots(const Cells& cells, const Person& person) {
  if (Cell(cells, "是否要求2年以上基层工作经历") != "是") {
    return Answer::kEligible;
  }
  if (person.grassroots_months < 0) return Answer::kConditional;
  return person.grassroots_months >= 24 ? Answer::kEligible
                                        : Answer::kIneligible;
}

Answer JudgeTest(const Cells& cells, const Person& person) {
  if (Cell(cells, "是否开展心理素质测评") != "是") return Answer::kEligible;
  return Of(person, "accepts-tests") == Stated::kYes ? Answer::kEligible
                                                     : Answer::kConditional;
}

bool AtOrBelow(const std::string& code, const std::string& broad) {
  return code.starts_with(broad);
}

bool IsAskedOf(const Asked& asked, const Person::Course& course) {
  if (!asked.levels.empty() &&
      std::find(asked.levels.begin(), asked.levels.end(), course.level) ==
          asked.levels.end()) {
    return false;
  }
  if (asked.majors.empty()) return true;
  return std::any_of(
      asked.majors.begin(), asked.majors.end(),
      [&](const std::string& major) { return AtOrBelow(course.major, major); });
}

// The code is that of a group some of whose majors are meant.
bool MayBeAskedOf(const Asked& asked, const Person::Course& course) {
  return std::any_of(
      asked.majors.begin(), asked.majors.end(), [&](const std::string& major) {
        return major != course.major && AtOrBelow(major, course.major);
      });
}

Answer Worse(Answer a, Answer b) { return std::max(a, b); }
Answer Better(Answer a, Answer b) { return std::min(a, b); }

}  // namespace

Catalogue::Catalogue(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
      const std::vector<std::string> cells = SplitAt(line, "\t");
      if (cells.size() < 5) continue;
      names_[cells[0]] = cells[3];
      by_name_[cells[3]].insert(cells[0]);
      for (const std::string& alias : SplitAt(cells[4], "|")) {
        if (!alias.empty()) by_name_[alias].insert(cells[0]);
      }
    }
  }
}

std::vector<std::string> Catalogue::Named(char letter,
                                          const std::string& name) const {
  std::vector<std::string> codes;
  const auto it = by_name_.find(name);
  if (it == by_name_.end()) return codes;
  for (const std::string& code : it->second) {
    if (code[0] == letter) codes.push_back(code);
  }
  return codes;
}

std::vector<std::string> Catalogue::Codes(char letter, size_t size) const {
  std::vector<std::string> codes;
  for (const auto& [code, name] : names_) {
    if (code[0] == letter && code.size() == size) codes.push_back(code);
  }
  return codes;
}

Oracle::Accepted Oracle::ReadMajors(const std::string& cell,
                                    char letter) const {
  Accepted accepted;
  static const std::regex coded("[(（]([ABC][0-9]+)[)）]");
  std::string rest;
  size_t last = 0;
  for (std::sregex_iterator it(cell.begin(), cell.end(), coded), end; it != end;
       ++it) {
    std::string name = cell.substr(last, it->position() - last);
    while (name.starts_with(",") || name.starts_with(" ")) name.erase(0, 1);
    last = static_cast<size_t>(it->position() + it->length());
    const std::string code = (*it)[1];
    if (catalogue_.Has(code)) {
      accepted.codes.push_back(code);
      continue;
    }
    const std::vector<std::string> named = catalogue_.Named(letter, name);
    if (named.size() == 1) {
      accepted.codes.push_back(named[0]);
    } else {
      accepted.text = true;
    }
  }
  const std::string tail = Trimmed(cell.substr(last));
  if (tail == "不限") {
    accepted.any = true;
  } else if (!tail.empty()) {
    accepted.text = true;  // 06法律类
  }
  return accepted;
}

const Oracle::Accepted& Oracle::Majors(const std::string& cell,
                                       char letter) const {
  const auto key = std::make_pair(cell, letter);
  const auto it = read_.find(key);
  if (it != read_.end()) return it->second;
  return read_[key] = ReadMajors(cell, letter);
}

Answer Oracle::Judge(const Cells& cells, const Person& person) const {
  const auto [low, high] = LevelsOf(cells);
  const int level = person.courses[0].level;
  if (level < low || level > high) return Answer::kIneligible;

  Answer answer = JudgeFresh(cells, person);
  answer = Worse(answer, JudgeGrassroots(cells, person));
  answer = Worse(answer, JudgeTest(cells, person));
  std::vector<Asked> of_some;
  for (const std::string& piece : Pieces(cells)) {
    const Piece& read = Read(piece);
    if (!read.asked.levels.empty() || !read.asked.majors.empty()) {
      of_some.push_back(read.asked);
    } else {
      answer = Worse(answer, JudgeAsked(read.asked, person));
    }
  }

  // The courses that count, whether the majors take each, and what is asked of
  // whom is taken with it.
  Answer majors = Answer::kIneligible;
  Answer taken = Answer::kIneligible;
  Answer possible = Answer::kIneligible;
  for (const Person::Course& course : person.courses) {
    if (course.level != level && course.level < low) continue;
    const char letter = course.level >= 5 ? 'A' : course.level == 4 ? 'B' : 'C';
    const Accepted accepted =
        ReadMajors(Cell(cells, letter == 'A' ? "研究生专业名称及代码"
                               : letter == 'B' ? "本科专业名称及代码"
                                               : "大专专业名称及代码"),
                   letter);
    Answer fits = accepted.text ? Answer::kConditional : Answer::kIneligible;
    if (accepted.any) fits = Answer::kEligible;
    for (const std::string& code : accepted.codes) {
      if (AtOrBelow(course.major, code)) {
        fits = Answer::kEligible;
      } else if (AtOrBelow(code, course.major)) {
        fits = Better(fits, Answer::kConditional);
      }
    }
    Answer asked = Answer::kEligible;
    for (const Asked& some : of_some) {
      Answer one = JudgeAsked(some, person);
      if (!IsAskedOf(some, course)) {
        one = MayBeAskedOf(some, course) ? Better(one, Answer::kConditional)
                                         : Answer::kEligible;
      }
      asked = Worse(asked, one);
    }
    majors = Better(majors, fits);
    possible = Better(possible, asked);
    if (fits == Answer::kEligible) taken = Better(taken, asked);
  }
  answer = Worse(answer, majors);
  return Worse(answer, majors == Answer::kEligible ? taken : possible);
}

int Oracle::CountUnknownPieces(const Cells& cells) {
  int unknown = 0;
  for (const std::string& piece : Pieces(cells)) unknown += !Read(piece).known;
  return unknown;
}

}  // namespace gradmatch::oracle
