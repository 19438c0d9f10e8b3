#include "tests/matcher/official/positions.h"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <regex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "index/base/clock.h"
#include "matcher/ingest/normalize_posting.h"
#include "matcher/ingest/validate_posting.h"
#include "server/feed/feed_reader.h"

namespace gradmatch {
namespace {

std::string ReadAll(const std::string& path) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");  // reads plain files as well
  if (file == nullptr) return text;
  char buffer[1 << 16];
  for (int n; (n = gzread(file, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<size_t>(n));
  }
  gzclose(file);
  return text;
}

std::vector<oracle::Cells> ReadCells(const std::string& path) {
  std::vector<oracle::Cells> rows;
  std::vector<std::string> header;
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(ReadAll(path), '\n'))) {
    if (line.empty()) continue;
    std::vector<std::string> cells = absl::StrSplit(line, '\t');
    if (header.empty()) {
      header = std::move(cells);
      continue;
    }
    oracle::Cells row;
    for (size_t i = 0; i < cells.size() && i < header.size(); ++i) {
      row[header[i]] = cells[i];
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

constexpr const char* kStatements[] = {
    "legal-qualification", "legal-qualification-a",
    "full-time-graduate",  "agrees-service-years",
    "accepts-tests",       "grassroots-project",
    "college-veteran",     "veteran",
    "three-supports",      "fresh-graduate",
    "bachelor-law",        "judicial-police-college",
    "english-major-8",     "cpa",
    "title-accounting-2",  "title-accounting-3",
    "title-audit-2",       "title-audit-3",
    "title-road-bridge",   "title-road-bridge-2",
    "title-road-bridge-3", "title-cost",
    "title-cost-2",        "cost-engineer-1",
    "physician",           "nurse",
    "catti-en-2-oral",     "pharmacist",
    "title-water-2"};
constexpr const char* kPolitical[] = {"cpc-member",  "league-member",
                                      "masses",      "rcck-member",
                                      "capd-member", "nonpartisan"};
// Who holds the first holds the second: stating otherwise is refused.
constexpr std::pair<const char*, const char*> kIncludes[] = {
    {"legal-qualification-a", "legal-qualification"},
    {"college-veteran", "veteran"},
    {"three-supports", "grassroots-project"},
    {"title-accounting-3", "title-accounting-2"},
    {"title-audit-3", "title-audit-2"},
    {"title-road-bridge-2", "title-road-bridge"},
    {"title-road-bridge-3", "title-road-bridge-2"},
    {"title-road-bridge-3", "title-road-bridge"},
    {"title-cost-2", "title-cost"}};

class PersonMaker {
 public:
  PersonMaker(uint32_t seed, const oracle::Catalogue& catalogue,
              const std::vector<oracle::Cells>& positions)
      : rng_(seed), catalogue_(catalogue), positions_(positions) {}

  oracle::Person Make() {
    oracle::Person person;
    const int level = 3 + Below(8) / 2;
    person.courses.push_back({level, Major(level)});
    if (level >= 5 && Below(5) > 0) person.courses.push_back({4, Major(4)});
    if (level == 6 && Below(2) > 0) person.courses.push_back({5, Major(5)});
    constexpr int kYears[] = {0,    2020, 2022, 2023, 2024,
                              2025, 2025, 2025, 2026};
    person.graduation_year = kYears[Below(9)];
    Statements(person);
    if (Below(2) == 0) person.age = 20 + Below(25);
    if (Below(2) == 0) person.grassroots_months = 12 * Below(5);
    return person;
  }

 private:
  int Below(int n) {
    return static_cast<int>(rng_() % static_cast<uint32_t>(n));
  }

  std::string Major(int level) {
    const char letter = level >= 5 ? 'A' : level == 4 ? 'B' : 'C';
    const auto all = catalogue_.Codes(letter, Below(12) == 0 ? 5 : 7);
    if (Below(2) == 0) return all[rng_() % all.size()];
    // One that some position takes.
    static const std::regex coded("[(（]([ABC][0-9]+)[)）]");
    for (int tries = 0; tries < 50; ++tries) {
      const oracle::Cells& cells = positions_[rng_() % positions_.size()];
      const auto cell = cells.find(letter == 'A' ? "研究生专业名称及代码"
                                   : letter == 'B' ? "本科专业名称及代码"
                                                   : "大专专业名称及代码");
      std::smatch match;
      if (cell == cells.end() || !std::regex_search(cell->second, match, coded))
        continue;
      std::vector<std::string> below;
      for (const std::string& code : all) {
        if (code.starts_with(match[1].str())) below.push_back(code);
      }
      if (!below.empty()) return below[rng_() % below.size()];
    }
    return all[rng_() % all.size()];
  }

  void Statements(oracle::Person& person) {
    // Some state nothing, some everything.
    const int share = Below(4);
    for (const char* code : kStatements) {
      if (Below(4) < share) person.statements[code] = Below(3) > 0;
    }
    for (int again = 0; again < 3; ++again) {
      for (const auto& [more, less] : kIncludes) {
        const auto a = person.statements.find(more);
        const auto b = person.statements.find(less);
        if (a == person.statements.end() || b == person.statements.end()) {
          continue;
        }
        if (a->second && !b->second) a->second = false;
      }
    }
    if (share > 0) {
      person.statements[Below(3) > 0 ? kPolitical[0] : kPolitical[Below(6)]] =
          Below(5) > 0;
      person.statements[Below(2) > 0 ? "male" : "female"] = Below(6) > 0;
    }
  }

  std::mt19937 rng_;
  const oracle::Catalogue& catalogue_;
  const std::vector<oracle::Cells>& positions_;
};

}  // namespace

OfficialPositions ReadPositions(const std::string& path, absl::Time receipt) {
  OfficialPositions read;
  read.cells = ReadCells(path);
  const auto mapping =
      PostingMapping::Load("tools/mappings/official_positions.yaml");
  const auto reader = OpenFeed(path);
  if (!mapping.ok() || !reader.ok()) return read;
  FeedRow row;
  while ((*reader)->Next(row).value_or(false)) {
    MappedPosting mapped = mapping->Map(row);
    for (const EntryReading& entries : mapped.entries) {
      read.entries += entries.entries;
      read.unread.insert(read.unread.end(), entries.unread.begin(),
                         entries.unread.end());
    }
    v1::Posting posting = std::move(mapped.posting);
    if (mapped.error.has_value() || !ValidatePosting(posting).empty()) {
      ++read.rejected;
      continue;
    }
    NormalizePosting(receipt, absl::Hours(24 * 90), posting);
    posting.set_name(
        absl::StrCat("sources/gd/postings/", posting.source_posting_id()));
    read.postings.push_back(std::move(posting));
  }
  return read;
}

std::string RealPositionsPath() {
  const std::string path =
      "../shared/data/eligibility/guangdong_positions_2025.tsv.gz";
  return std::filesystem::exists(path) ? path : "";
}

oracle::Catalogue LoadCatalogue() {
  return oracle::Catalogue({"index/codes/data/gd2025-A.tsv",
                            "index/codes/data/gd2025-B.tsv",
                            "index/codes/data/gd2025-C.tsv"});
}

oracle::Person RandomPerson(uint32_t seed, const oracle::Catalogue& catalogue,
                            const std::vector<oracle::Cells>& positions) {
  return PersonMaker(seed, catalogue, positions).Make();
}

v1::Profile ProfileOf(const oracle::Person& person, absl::Time now) {
  v1::Profile profile;
  for (const oracle::Person::Course& course : person.courses) {
    v1::Education& education = *profile.add_educations();
    education.set_level(static_cast<v1::EducationLevel>(course.level));
    v1::Code& major = *education.add_majors();
    major.set_system(std::string("gd2025-").append(1, course.major[0]));
    major.set_code(course.major);
  }
  if (person.graduation_year != 0) {
    profile.mutable_educations(0)->mutable_graduation_time()->set_seconds(
        absl::ToUnixSeconds(absl::FromCivil(
            absl::CivilDay(person.graduation_year, 6, 30), ChinaTime())));
  }
  v1::Declarations& declarations = *profile.mutable_declarations();
  for (const auto& [code, holds] : person.statements) {
    v1::Declarations::Statement& statement = *declarations.add_statements();
    statement.set_code(code);
    statement.set_holds(holds);
  }
  if (person.age >= 0) {
    const absl::CivilDay today = absl::ToCivilDay(now, ChinaTime());
    declarations.mutable_birth_time()->set_seconds(absl::ToUnixSeconds(
        absl::FromCivil(absl::CivilDay(today.year() - person.age, today.month(),
                                       today.day()),
                        ChinaTime())));
  }
  if (person.grassroots_months >= 0) {
    declarations.set_grassroots_months(person.grassroots_months);
  }
  return profile;
}

}  // namespace gradmatch
