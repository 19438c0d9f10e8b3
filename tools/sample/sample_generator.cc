#include "tools/sample/sample_generator.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "index/base/strings.h"
#include "tools/sample/content_maker.h"
#include "tools/sample/posting_maker.h"
#include "tools/sample/random.h"

namespace gradmatch {
namespace {

enum Stream : uint64_t { kPostings = 1, kGraduates = 2, kContents = 3 };

void SetCode(std::string_view system, const CodeEntry& entry, v1::Code* code) {
  code->set_system(std::string(system));
  code->set_code(std::string(entry.code));
  code->set_display(std::string(entry.name));
}

// The first majors of a class have most of the students.
const CodeEntry* PickMajor(SampleRandom& random, const CodeTable& table,
                           const std::vector<const CodeEntry*>& classes) {
  const CodeEntry* major_class = random.Pick(classes);
  const std::vector<const CodeEntry*> majors = table.Children(*major_class);
  if (majors.empty()) return major_class;
  return majors[WeightedPick(LongTailWeights(majors.size()))(random)];
}

struct Study {
  v1::EducationLevel level;
  const char* system;
  const CodeEntry* major;
};

// Roughly a nation's shares: 47 % vocational, 43 % bachelor, 9 % master, 1 %
// doctor, as far as the occupation's table has majors of that level.
Study PickStudy(SampleRandom& random, const Archetype& archetype) {
  const uint64_t at = random.Below(100);
  if ((at < 47 || archetype.undergraduate.empty()) &&
      !archetype.vocational.empty()) {
    return {v1::EDUCATION_LEVEL_VOCATIONAL, "gd2025-C",
            PickMajor(random, *CodeTable::BuiltIn("gd2025-C"),
                      archetype.vocational)};
  }
  const CodeEntry* major = PickMajor(
      random, *CodeTable::BuiltIn("undergraduate"), archetype.undergraduate);
  if (at >= 90) {
    // Masters and doctors, where Guangdong's postgraduate list has the name.
    const auto crossed = CrossByName(*major, *CodeTable::BuiltIn("gd2025-A"));
    if (!crossed.empty()) {
      return {
          at == 99 ? v1::EDUCATION_LEVEL_DOCTOR : v1::EDUCATION_LEVEL_MASTER,
          "gd2025-A", crossed.front()};
    }
  }
  return {v1::EDUCATION_LEVEL_BACHELOR, "undergraduate", major};
}

void AddPlaces(SampleRandom& random, const World& world, const Province& home,
               v1::Intent* intent) {
  const auto add = [intent](const CodeEntry& region) {
    SetCode("region", region, intent->add_places());
  };
  if (random.Percent(60)) {
    add(*home.cities[home.pick_city(random)]);
    if (random.Percent(50)) add(*home.region);
  } else {
    const Province& away = world.provinces[world.pick_posting_province(random)];
    add(*away.region);
    if (random.Percent(40)) add(*home.region);
  }
  if (random.Percent(35)) intent->set_places_strength(v1::INTENT_STRENGTH_HARD);
}

}  // namespace

absl::Status Validate(const SampleOptions& options) {
  constexpr int64_t kMost = 100'000'000;
  constexpr int64_t kMostContents = 100'000;  // what a server is meant for
  if (options.postings < 1 || options.postings > kMost) {
    return absl::InvalidArgumentError(absl::StrCat(
        "postings is ", options.postings, "; allowed: 1 to ", kMost));
  }
  if (options.graduates < 0 || options.graduates > kMost) {
    return absl::InvalidArgumentError(absl::StrCat(
        "graduates is ", options.graduates, "; allowed: 0 to ", kMost));
  }
  if (options.contents < 0 || options.contents > kMostContents) {
    return absl::InvalidArgumentError(absl::StrCat(
        "contents is ", options.contents, "; allowed: 0 to ", kMostContents));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<SampleGenerator>> SampleGenerator::Create(
    const SampleOptions& options) {
  const absl::Status valid = Validate(options);
  if (!valid.ok()) return valid;
  absl::StatusOr<World> world = World::Make();
  if (!world.ok()) return world.status();
  return std::unique_ptr<SampleGenerator>(
      new SampleGenerator(options, *std::move(world)));
}

v1::Source SampleGenerator::Source(size_t place) const {
  const SampleSource& from = world_.sources[place];
  v1::Source source;
  source.set_name(absl::StrCat("sources/", from.id));
  source.set_display_name(from.display_name);
  source.set_kind(static_cast<v1::Source::Kind>(from.kind));
  if (from.province >= 0) {
    source.set_province(
        std::string(world_.provinces[from.province].region->code.substr(0, 2)));
  }
  return source;
}

SamplePosting SampleGenerator::Posting(int64_t number) const {
  SampleRandom random(options_.seed, kPostings, number);
  const bool repeat = random.Percent(8) && number > 0;
  if (!repeat) {
    return MakeSamplePosting(world_, options_.base_date, number, random);
  }
  // Another source's posting again, under a number of its own. The original is
  // made anew; if it is itself a repeat, its own draw is used as an original.
  const auto original = static_cast<int64_t>(random.Below(number));
  SampleRandom again(options_.seed, kPostings, original);
  again.Percent(8);  // the draw above, so that the stream is the same
  SamplePosting copy =
      MakeSamplePosting(world_, options_.base_date, original, again);
  const size_t sites = 3;
  copy.source = world_.sources.size() - 1 - random.Below(sites);
  copy.posting.set_source_posting_id(absl::StrFormat("R%09d", number));
  return copy;
}

v1::Graduate SampleGenerator::Graduate(int64_t number) const {
  SampleRandom random(options_.seed, kGraduates, number);
  const Archetype& archetype = world_.archetypes[world_.pick_archetype(random)];
  const Province& home =
      world_.provinces[world_.pick_graduate_province(random)];

  v1::Graduate graduate;
  graduate.set_name(absl::StrFormat("graduates/sample-%08d", number));
  graduate.set_lifecycle(v1::Graduate::LIFECYCLE_ACTIVE);
  v1::Profile& profile = *graduate.mutable_profile();
  const Study study = PickStudy(random, archetype);
  v1::Education& education = *profile.add_educations();
  education.set_level(study.level);
  SetCode(study.system, *study.major, education.add_majors());
  if (!home.schools.empty()) {
    SetCode("school", *random.Pick(home.schools), education.mutable_school());
  }
  // The class that leaves next summer; a few left last summer.
  const bool autumn = options_.base_date.month() >= 8;
  const int64_t year = options_.base_date.year() + (autumn ? 1 : 0) -
                       (random.Percent(10) ? 1 : 0);
  education.mutable_graduation_time()->set_seconds(absl::ToUnixSeconds(
      absl::FromCivil(absl::CivilDay(year, 7, 1), ChinaTime())));
  SetCode("region", *home.region, profile.mutable_region());
  profile.set_experience_months(random.Percent(85) ? 0 : 12);

  v1::Intent& intent = *profile.mutable_intent();
  if (random.Percent(70)) {
    SetCode("function", *archetype.function, intent.add_functions());
  }
  AddPlaces(random, world_, home, &intent);
  if (random.Percent(60)) {
    intent.set_min_monthly_pay(static_cast<int32_t>(
        archetype.pay * random.Between(70, 110) / 100 / 500 * 500));
  }
  for (const std::string& skill : archetype.skills) {
    if (random.Percent(65)) profile.add_skills(skill);
  }
  profile.set_text(absl::StrCat("所学专业为", A(study.major->name),
                                "，希望从事", archetype.titles.front(),
                                "相关工作。"));
  if (random.Percent(2)) {
    graduate.mutable_preferences()->set_push(false);
  } else if (random.Percent(2)) {
    graduate.mutable_preferences()->set_personalisation(false);
  }
  if (random.Percent(6)) graduate.set_lifecycle(v1::Graduate::LIFECYCLE_PLACED);
  return graduate;
}

v1::Content SampleGenerator::Content(int64_t number) const {
  SampleRandom random(options_.seed, kContents, number);
  // A fixed number, so that a larger sample begins with the smaller one.
  constexpr int64_t kFirstPostings = 50;
  std::vector<std::string> postings;
  if (number % 4 == 2 && options_.postings >= kFirstPostings) {
    for (int64_t i = 0; i < kFirstPostings; ++i) {
      const SamplePosting made = Posting(i);
      postings.push_back(
          absl::StrCat("sources/", world_.sources[made.source].id, "/postings/",
                       made.posting.source_posting_id()));
    }
  }
  return MakeSampleContent(world_, options_.base_date, number, postings,
                           random);
}

}  // namespace gradmatch
