#include "tools/sample/content_maker.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

constexpr int64_t kMostPostings = 20;  // of one event

// What the parts of one piece of content draw from.
struct Draft {
  const World& world;
  absl::CivilDay today;
  SampleRandom& random;
  const Archetype& archetype;
  const Province& province;
  int64_t year;  // of the class that leaves next summer
};

void SetDay(absl::CivilDay day, int hour, google::protobuf::Timestamp* time) {
  time->set_seconds(absl::ToUnixSeconds(
      absl::FromCivil(absl::CivilHour(day) + hour, ChinaTime())));
}

void SetRegion(const CodeEntry& region, v1::Code* code) {
  code->set_system("region");
  code->set_code(std::string(region.code));
  code->set_display(std::string(region.name));
}

// A municipality's only city (市辖区) is the municipality.
const CodeEntry& City(const Draft& d) {
  const CodeEntry& city = *d.province.cities[d.province.pick_city(d.random)];
  return city.name == "市辖区" || city.name == "县" ? *d.province.region : city;
}

// The majors of the occupation, of one catalogue or both.
void AddMajors(const Draft& d, v1::Audience& audience) {
  const auto add = [&](const char* system, const auto& classes) {
    for (const CodeEntry* entry : classes) {
      v1::Code& major = *audience.add_majors();
      major.set_system(system);
      major.set_code(std::string(entry->code));
      major.set_display(std::string(entry->name));
    }
  };
  add("undergraduate", d.archetype.undergraduate);
  add("gd2025-C", d.archetype.vocational);
}

void MakePolicy(const Draft& d, v1::Content& content) {
  v1::Audience& audience = *content.mutable_audience();
  const std::string province(d.province.region->name);
  audience.add_regions(std::string(d.province.region->code));
  switch (d.random.Below(5)) {
    case 0:
      content.set_title(
          absl::StrCat(province, d.year, "届高校毕业生求职补贴申领办法"));
      audience.add_graduation_years(static_cast<int32_t>(d.year));
      break;
    case 1:
      content.set_title(
          absl::StrCat(province, "毕业生灵活就业社会保险补贴办法"));
      audience.set_flexible_work(true);
      break;
    case 2:
      content.set_title(
          absl::StrCat(province, "高校毕业生创业担保贷款及贴息办法"));
      audience.set_starting_business(true);
      break;
    case 3:
      content.set_title(
          absl::StrCat(province, d.year, "年“三支一扶”计划招募公告"));
      audience.add_posting_kinds(v1::POSTING_KIND_THREE_SUPPORTS);
      audience.add_posting_kinds(v1::POSTING_KIND_RURAL_TEACHER);
      break;
    default: {
      content.set_title(absl::StrCat(province, "毕业生就业见习补贴办法"));
      // This class or the last, but nobody who wants flexible work.
      audience.add_any_of()->add_graduation_years(static_cast<int32_t>(d.year));
      audience.add_any_of()->add_graduation_years(
          static_cast<int32_t>(d.year - 1));
      audience.add_none_of()->set_flexible_work(true);
    }
  }
  content.set_text(absl::StrCat(
      content.title(), "（合成样例）。符合条件的毕业生可在线申请，办理时限为 ",
      d.random.Between(10, 30), " 个工作日。"));
}

void MakeNews(const Draft& d, v1::Content& content) {
  const std::string& title = d.archetype.titles.front();
  content.set_title(absl::StrCat(A(City(d).name), "今年", title,
                                 "岗位需求增长 ", d.random.Between(3, 30),
                                 "%"));
  content.set_text(absl::StrCat(
      "据合成样例，", title, "等岗位的需求上升，主要", "要求掌握",
      d.archetype.skills.empty() ? "专业基础" : d.archetype.skills.front(),
      "。"));
  if (d.random.Percent(40)) AddMajors(d, *content.mutable_audience());
}

void MakeEvent(const Draft& d, const std::vector<std::string>& postings,
               v1::Content& content) {
  const CodeEntry& city = City(d);
  v1::EventDetails& event = *content.mutable_event();
  const absl::CivilDay day = d.today + d.random.Between(1, 45);
  SetDay(day, 9, event.mutable_period()->mutable_start_time());
  SetDay(day, 16, event.mutable_period()->mutable_end_time());
  const bool online = d.random.Percent(20);
  event.set_online(online);
  if (!online) {
    SetRegion(city, event.mutable_location()->mutable_region());
    event.mutable_location()->set_address("人力资源市场一楼大厅（合成样例）");
  }
  const std::string title = d.archetype.titles.front();
  content.set_title(absl::StrCat(online ? "全国" : std::string(city.name),
                                 d.year, "届毕业生", title, "类",
                                 online ? "网络" : "", "专场招聘会"));
  content.set_text(
      absl::StrCat("面向", title, "等岗位，现场面试（合成样例）。"));
  for (int64_t i = d.random.Between(5, 40); i > 0; --i) {
    event.add_employers(absl::StrFormat("参展单位%03d", i));
  }
  if (!postings.empty()) {
    for (int64_t i = d.random.Between(1, kMostPostings); i > 0; --i) {
      event.add_postings(d.random.Pick(postings));
    }
  }
  if (d.random.Percent(50)) AddMajors(d, *content.mutable_audience());
  content.mutable_audience()->add_graduation_years(
      static_cast<int32_t>(d.year));
}

void MakeCourse(const Draft& d, v1::Content& content) {
  v1::CourseDetails& course = *content.mutable_course();
  course.set_provider("公共就业服务中心（合成样例）");
  if (d.random.Percent(25)) {
    content.set_title("创业意识与项目孵化训练营");
    content.set_text("讲解商业计划、注册流程与担保贷款申请。");
    content.mutable_audience()->set_starting_business(true);
  } else {
    const std::string skill = d.archetype.skills.empty()
                                  ? "办公软件"
                                  : d.random.Pick(d.archetype.skills);
    content.set_title(absl::StrCat(skill, "实训课程"));
    content.set_text(absl::StrCat("从入门到上手，适合有意从事",
                                  d.archetype.titles.front(),
                                  "的毕业生，免费。"));
    course.add_skills(skill);
    AddMajors(d, *content.mutable_audience());
  }
  course.set_online(d.random.Percent(60));
  if (!course.online()) {
    SetRegion(City(d), course.mutable_location()->mutable_region());
  }
  if (d.random.Percent(70)) {
    const absl::CivilDay begin = d.today + d.random.Between(3, 60);
    SetDay(begin, 9, course.mutable_period()->mutable_start_time());
    SetDay(begin + d.random.Between(2, 30), 17,
           course.mutable_period()->mutable_end_time());
  }
}

}  // namespace

v1::Content MakeSampleContent(const World& world, absl::CivilDay base_date,
                              int64_t number,
                              const std::vector<std::string>& postings,
                              SampleRandom& random) {
  const Draft draft{world,
                    base_date,
                    random,
                    world.archetypes[world.pick_archetype(random)],
                    world.provinces[world.pick_graduate_province(random)],
                    base_date.year() + (base_date.month() >= 8 ? 1 : 0)};
  v1::Content content;
  content.set_name(absl::StrFormat("contents/sample-%08d", number));
  content.set_state(v1::Content::STATE_OPEN);
  content.set_url(absl::StrFormat("https://example.com/contents/%08d", number));
  SetDay(base_date - random.Between(0, 20), 8, content.mutable_publish_time());
  switch (number % 4) {
    case 0:
      content.set_kind(v1::CONTENT_KIND_POLICY);
      MakePolicy(draft, content);
      break;
    case 1:
      content.set_kind(v1::CONTENT_KIND_NEWS);
      MakeNews(draft, content);
      break;
    case 2:
      content.set_kind(v1::CONTENT_KIND_EVENT);
      MakeEvent(draft, postings, content);
      break;
    default:
      content.set_kind(v1::CONTENT_KIND_COURSE);
      MakeCourse(draft, content);
  }
  return content;
}

}  // namespace gradmatch
