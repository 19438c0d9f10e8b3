#include "tests/server/varied_people.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "index/base/clock.h"
#include "server/time_proto.h"
#include "tests/server/test_server.h"

namespace gradmatch {
namespace {

v1::Code CodeOf(const std::string& system, const std::string& code) {
  v1::Code out;
  out.set_system(system);
  out.set_code(code);
  return out;
}

class Draw {
 public:
  explicit Draw(uint32_t seed) : rng_(seed) {}
  int Below(int n) {
    return static_cast<int>(rng_() % static_cast<uint32_t>(n));
  }
  bool OneIn(int n) { return Below(n) == 0; }
  std::string Of(const std::vector<std::string>& words) {
    return words[static_cast<size_t>(Below(static_cast<int>(words.size())))];
  }

 private:
  std::mt19937 rng_;
};

void Leave(Draw& draw, v1::Graduate& graduate) {
  v1::Preferences& preferences = *graduate.mutable_preferences();
  switch (draw.Below(12)) {
    case 0:
      return graduate.set_lifecycle(v1::Graduate::LIFECYCLE_PLACED);
    case 1:
      return graduate.set_lifecycle(v1::Graduate::LIFECYCLE_OPTED_OUT);
    case 2:
      return graduate.set_lifecycle(v1::Graduate::LIFECYCLE_FROZEN);
    case 3:
      return preferences.set_personalisation(false);
    case 4:
      return preferences.set_push(false);
    case 5:
      *preferences.mutable_pause_end_time() =
          ToTimestamp(absl::FromCivil(absl::CivilDay(2026, 4, 1), ChinaTime()));
      return;
    default:
      return;
  }
}

void FillIntent(Draw& draw, v1::Intent& intent) {
  *intent.add_places() =
      CodeOf("region", draw.Of({"440300", "440100", "110000", "420100"}));
  if (draw.OneIn(4)) {
    intent.set_places_strength(v1::INTENT_STRENGTH_HARD);
  }
  if (draw.OneIn(3)) {
    intent.set_min_monthly_pay(5'000 + 1'000 * draw.Below(8));
    if (draw.OneIn(3)) intent.set_pay_strength(v1::INTENT_STRENGTH_HARD);
  }
}

}  // namespace

std::vector<v1::Graduate> VariedGraduates(int count, uint32_t seed) {
  Draw draw(seed);
  std::vector<v1::Graduate> graduates;
  for (int i = 0; i < count; ++i) {
    v1::Graduate& graduate = graduates.emplace_back();
    graduate.set_name(absl::StrCat("graduates/g-", i));
    v1::Profile& profile = *graduate.mutable_profile();
    v1::Education& education = *profile.add_educations();
    if (!draw.OneIn(15)) {
      education.set_level(static_cast<v1::EducationLevel>(3 + draw.Below(3)));
    }
    if (!draw.OneIn(15)) {
      *education.add_majors() =
          CodeOf("undergraduate",
                 draw.Of({"080901", "080902", "120203", "050201", "020101"}));
    }
    *education.mutable_graduation_time() = ToTimestamp(absl::FromCivil(
        absl::CivilDay(draw.OneIn(4) ? 2025 : 2026, 7, 1), ChinaTime()));
    *profile.mutable_region() = CodeOf("region", draw.Of({"440300", "420100"}));
    for (int s = draw.Below(3); s > 0; --s) {
      profile.add_skills(draw.Of({"Java", "SQL", "Python", "会计"}));
    }
    profile.set_text(draw.Of({"熟悉后端开发", "实习过两家会计师事务所", ""}));
    FillIntent(draw, *profile.mutable_intent());
    if (draw.OneIn(6)) {
      v1::Preferences::Tag& tag = *graduate.mutable_preferences()->add_tags();
      tag.set_tag("Java");
      tag.set_enabled(false);
    }
    Leave(draw, graduate);
  }
  return graduates;
}

std::vector<v1::Posting> VariedPostings() {
  std::vector<v1::Posting> postings;
  const auto add = [&](const std::string& id) -> v1::Posting& {
    postings.push_back(GoodPosting(id));
    return postings.back();
  };
  add("degree");
  v1::Posting& any = add("any");
  any.set_title("行政助理");
  any.clear_education();
  any.set_description("负责会务与文书。");
  v1::Posting& major = add("major");
  major.set_title("会计");
  *major.mutable_majors()->add_groups()->add_codes() =
      CodeOf("undergraduate", "1202");
  v1::Posting& year = add("year");
  year.set_title("数据分析师");
  year.add_graduation_years(2026);
  year.mutable_locations(0)->mutable_region()->set_code("110000");
  year.mutable_education()->set_min_level(v1::EDUCATION_LEVEL_VOCATIONAL);
  return postings;
}

}  // namespace gradmatch
