#include "tools/sample/posting_maker.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

const std::vector<std::string>& EmployerWords() {
  static const auto& words = *new std::vector<std::string>{
      "恒远", "启明", "华创", "中科联", "博文", "瑞丰", "天诚",   "新禾",
      "德润", "宏图", "嘉和", "安泰",   "远航", "金桥", "同济达", "星河",
      "绿源", "百川", "立新", "鼎信",   "永兴", "康源", "智联达", "海纳"};
  return words;
}

const std::vector<std::string>& EmployerForms() {
  static const auto& forms = *new std::vector<std::string>{
      "科技有限公司", "实业有限公司", "集团股份有限公司", "服务有限公司",
      "工程有限公司", "贸易有限公司", "研究院",           "医疗健康有限公司"};
  return forms;
}

// One posting in the making: what was drawn, before it is written down as codes
// or as text.
struct Draft {
  const Archetype* archetype;
  const Province* province;
  std::vector<const CodeEntry*> places;
  int level;
  int min_pay, max_pay;
  int openings;
  int experience_months;
};

const char* LevelText(int level) {
  constexpr const char* kNames[] = {"不限", "初中", "高中", "大专",
                                    "本科", "硕士", "博士"};
  return kNames[level];
}

// 1 to 50, mostly few.
int PickOpenings(SampleRandom& random) {
  const uint64_t at = random.Below(100);
  if (at < 45) return 1;
  if (at < 75) return static_cast<int>(random.Between(2, 3));
  if (at < 93) return static_cast<int>(random.Between(4, 10));
  return static_cast<int>(random.Between(11, 50));
}

const CodeEntry* PickPlace(SampleRandom& random, const Province& province) {
  const CodeEntry* city = province.cities[province.pick_city(random)];
  const auto counties = CodeTable::BuiltIn("region")->Children(*city);
  return counties.empty() || random.Percent(40) ? city : random.Pick(counties);
}

Draft Draw(const World& world, SampleRandom& random) {
  Draft d;
  d.archetype = &world.archetypes[world.pick_archetype(random)];
  d.province = &world.provinces[world.pick_posting_province(random)];
  d.places = {PickPlace(random, *d.province)};
  // A tenth hires in several places of the nation.
  for (int more = random.Percent(10) ? 2 : 0; more > 0; --more) {
    const Province& other =
        world.provinces[world.pick_posting_province(random)];
    d.places.push_back(PickPlace(random, other));
  }
  d.level = d.archetype->level;
  if (random.Percent(12)) d.level = std::min(d.level + 1, 6);
  if (random.Percent(10)) d.level = std::max(d.level - 1, 2);
  const int pay = d.archetype->pay * static_cast<int>(random.Between(80, 135)) /
                  100 / 500 * 500;
  d.min_pay = pay;
  d.max_pay =
      pay * static_cast<int>(random.Between(120, 170)) / 100 / 500 * 500;
  d.openings = PickOpenings(random);
  d.experience_months = random.Percent(75) ? 0 : (random.Percent(70) ? 12 : 36);
  return d;
}

std::string PlaceText(const CodeEntry& place) {
  const CodeTable& regions = *CodeTable::BuiltIn("region");
  std::string text;
  for (const CodeEntry* up : regions.Ancestors(place)) {
    if (up->name != "市辖区") text = absl::StrCat(A(up->name), text);
  }
  return place.name == "市辖区" ? text : absl::StrCat(text, A(place.name));
}

std::string Description(const Draft& d, SampleRandom& random) {
  std::string text = "岗位职责：";
  int n = 0;
  for (const std::string& duty : d.archetype->duties) {
    absl::StrAppend(&text, "\n", ++n, "、", duty, "；");
  }
  absl::StrAppend(&text, "\n", ++n, "、完成上级交办的其他工作。");
  // A few sources send what their editor left behind, and a few break the
  // rules.
  if (random.Percent(5)) text = absl::StrCat("<br />", text, "&nbsp;_x000d_");
  return text;
}

std::string Requirements(const Draft& d, int64_t number, SampleRandom& random) {
  std::vector<std::string> skills;
  for (const std::string& skill : d.archetype->skills) {
    if (random.Percent(70)) skills.push_back(skill);
  }
  std::vector<std::string> classes;
  for (const CodeEntry* c : d.archetype->undergraduate) {
    classes.emplace_back(c->name);
  }
  std::string text = absl::StrCat(
      "任职要求：\n1、", LevelText(d.level), "及以上学历，",
      classes.empty() ? "专业不限"
                      : absl::StrCat(absl::StrJoin(classes, "、"), "相关专业"),
      "；");
  if (!skills.empty()) {
    absl::StrAppend(&text, "\n2、熟悉", absl::StrJoin(skills, "、"), "；");
  }
  absl::StrAppend(&text, "\n3、认真负责，能与同事配合。");
  if (number % 211 == 17)
    absl::StrAppend(&text, "\n4、仅限985、211院校毕业生。");
  if (number % 223 == 19) absl::StrAppend(&text, "\n4、入职须缴纳押金500元。");
  return text;
}

void WriteCodes(const Draft& d, SampleRandom& random, v1::Posting* posting) {
  const auto set = [](std::string_view system, const CodeEntry& entry,
                      v1::Code* code) {
    code->set_system(std::string(system));
    code->set_code(std::string(entry.code));
    code->set_display(std::string(entry.name));
  };
  for (const CodeEntry* place : d.places) {
    v1::Location* location = posting->add_locations();
    set("region", *place, location->mutable_region());
    location->set_address(PlaceText(*place));
  }
  set("function", *d.archetype->function, posting->add_functions());
  posting->mutable_education()->set_min_level(
      static_cast<v1::EducationLevel>(d.level));
  posting->mutable_salary()->set_min_monthly(d.min_pay);
  posting->mutable_salary()->set_max_monthly(d.max_pay);
  if (random.Percent(40)) {
    posting->mutable_salary()->set_months_per_year(
        static_cast<int32_t>(random.Between(12, 15)));
  }
  // Half of those with majors in mind insist on them.
  if (d.archetype->undergraduate.empty() || random.Percent(45)) return;
  v1::MajorRequirement::Group* group = posting->mutable_majors()->add_groups();
  for (const CodeEntry* c : d.archetype->undergraduate) {
    set("undergraduate", *c, group->add_codes());
  }
  if (d.level > v1::EDUCATION_LEVEL_VOCATIONAL) return;
  for (const CodeEntry* c : d.archetype->vocational) {
    set("gd2025-C", *c, group->add_codes());
  }
}

void WriteText(const Draft& d, v1::Posting* posting) {
  for (const CodeEntry* place : d.places) {
    posting->add_locations()->set_address(PlaceText(*place));
  }
  posting->mutable_education()->set_raw(
      absl::StrCat(LevelText(d.level), "及以上"));
  posting->mutable_salary()->set_raw(
      absl::StrFormat("%d-%d元/月", d.min_pay, d.max_pay));
}

void WriteDates(absl::CivilDay base, SampleRandom& random,
                v1::Posting* posting) {
  const auto seconds = [](absl::CivilDay day) {
    return absl::ToUnixSeconds(absl::FromCivil(day, ChinaTime()));
  };
  const absl::CivilDay published = base - random.Between(0, 45);
  posting->mutable_publish_time()->set_seconds(seconds(published));
  if (random.Percent(85)) {
    posting->mutable_expire_time()->set_seconds(
        seconds(base + random.Between(7, 90)));
  }
}

}  // namespace

SamplePosting MakeSamplePosting(const World& world, absl::CivilDay base_date,
                                int64_t number, SampleRandom& random) {
  const Draft d = Draw(world, random);
  SamplePosting made;
  const int place = static_cast<int>(d.province - world.provinces.data());
  made.source = place;
  if (random.Percent(20)) {
    // Campuses and sites have a fifth.
    const size_t others = world.sources.size() - world.provinces.size();
    made.source = world.provinces.size() + random.Below(others);
  }
  v1::Posting& posting = made.posting;
  posting.set_source_posting_id(absl::StrFormat("P%09d", number));
  posting.set_title(random.Pick(d.archetype->titles));
  posting.mutable_employer()->set_name(
      absl::StrCat(A(d.province->region->name), random.Pick(EmployerWords()),
                   random.Pick(EmployerWords()), random.Pick(EmployerForms())));
  posting.mutable_employer()->set_kind(
      random.Percent(70) ? v1::EMPLOYER_KIND_PRIVATE
                         : static_cast<v1::EmployerKind>(random.Between(1, 6)));
  posting.set_openings(d.openings);
  posting.set_experience_months(d.experience_months);
  posting.set_kind(random.Percent(10) ? v1::POSTING_KIND_INTERNSHIP
                                      : v1::POSTING_KIND_REGULAR);
  posting.set_description(Description(d, random));
  posting.set_requirements(Requirements(d, number, random));
  if (number % 3 == 2) {
    WriteText(d, &posting);
  } else {
    for (const std::string& skill : d.archetype->skills) {
      if (random.Percent(70)) posting.add_skills(skill);
    }
    WriteCodes(d, random, &posting);
  }
  WriteDates(base_date, random, &posting);
  return made;
}

}  // namespace gradmatch
