#include "tools/sample/world.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gradmatch/v1/source.pb.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

// Relative weights of work offered and of graduates, by province.
struct ProvinceWeight {
  const char* code;
  int64_t postings;
  int64_t graduates;
};
constexpr ProvinceWeight kProvinces[] = {
    {"110000", 80, 26},  {"120000", 22, 20}, {"130000", 30, 52},
    {"140000", 14, 28},  {"150000", 10, 16}, {"210000", 22, 34},
    {"220000", 10, 22},  {"230000", 12, 26}, {"310000", 78, 20},
    {"320000", 92, 66},  {"330000", 84, 38}, {"340000", 36, 46},
    {"350000", 36, 32},  {"360000", 22, 42}, {"370000", 64, 80},
    {"410000", 40, 86},  {"420000", 44, 54}, {"430000", 36, 50},
    {"440000", 120, 78}, {"450000", 20, 40}, {"460000", 8, 8},
    {"500000", 26, 32},  {"510000", 50, 62}, {"520000", 14, 28},
    {"530000", 16, 32},  {"540000", 2, 2},   {"610000", 30, 42},
    {"620000", 8, 20},   {"630000", 3, 3},   {"640000", 4, 6},
    {"650000", 12, 18}};
static_assert(std::size(kProvinces) == 31);

// Cities that are large although their code does not come first.
constexpr std::string_view kLargeCities[] = {"440300", "440100", "320500",
                                             "330200", "370200", "350200",
                                             "210200", "320200", "441900"};

constexpr int kCampuses = 6;
constexpr std::string_view kSites[] = {"site-1", "site-2", "site-3"};

std::vector<const CodeEntry*> CitiesOf(const CodeTable& regions,
                                       const CodeEntry& province) {
  std::vector<const CodeEntry*> cities = regions.Children(province);
  // Counties that report to the province or city directly have no name of
  // their own at this level.
  std::erase_if(cities, [](const CodeEntry* c) {
    return absl::StrContains(A(c->name), "直辖") || c->name == "县";
  });
  std::stable_sort(cities.begin(), cities.end(),
                   [](const CodeEntry* a, const CodeEntry* b) {
                     const auto large = [](const CodeEntry* c) {
                       return std::ranges::count(kLargeCities, c->code) > 0;
                     };
                     return large(a) > large(b);
                   });
  return cities;
}

// Schools by the province of the city in their note ("武汉市|本科").
std::map<std::string_view, std::vector<const CodeEntry*>> SchoolsByProvince(
    const CodeTable& regions) {
  std::map<std::string, std::string_view> province_of_city;
  for (const CodeEntry& entry : regions.entries()) {
    const std::string_view province = entry.code.substr(0, 2);
    if (entry.level <= 2) {
      province_of_city.emplace(std::string(entry.name), province);
    }
  }
  std::map<std::string_view, std::vector<const CodeEntry*>> schools;
  for (const CodeEntry& school : CodeTable::BuiltIn("school")->entries()) {
    const std::vector<std::string> note =
        absl::StrSplit(A(school.note), absl::MaxSplits('|', 1));
    const auto it = province_of_city.find(note[0]);
    if (it != province_of_city.end()) schools[it->second].push_back(&school);
  }
  return schools;
}

std::vector<SampleSource> MakeSources(const std::vector<Province>& provinces) {
  std::vector<SampleSource> sources;
  for (size_t i = 0; i < provinces.size(); ++i) {
    const CodeEntry& region = *provinces[i].region;
    sources.push_back({absl::StrCat("province-", A(region.code.substr(0, 2))),
                       absl::StrCat(A(region.name), "就业平台（合成样例）"),
                       v1::Source::KIND_REGION, static_cast<int>(i)});
  }
  for (int i = 0; i < kCampuses; ++i) {
    const int province = i * 5 % static_cast<int>(provinces.size());
    const Province& home = provinces[province];
    const std::string_view school =
        home.schools.empty() ? home.region->name : home.schools[0]->name;
    sources.push_back({absl::StrCat("campus-", i + 1),
                       absl::StrCat(A(school), "就业网（合成样例）"),
                       v1::Source::KIND_SCHOOL, province});
  }
  for (std::string_view site : kSites) {
    sources.push_back({std::string(site),
                       absl::StrCat("招聘网站 ", A(site), "（合成样例）"),
                       v1::Source::KIND_JOB_SITE, -1});
  }
  return sources;
}

}  // namespace

absl::StatusOr<World> World::Make() {
  absl::StatusOr<std::vector<Archetype>> archetypes = LoadArchetypes();
  if (!archetypes.ok()) return archetypes.status();
  World world;
  world.archetypes = *std::move(archetypes);
  std::vector<int64_t> weights;
  for (const Archetype& a : world.archetypes) weights.push_back(a.weight);
  world.pick_archetype = WeightedPick(weights);

  const CodeTable& regions = *CodeTable::BuiltIn("region");
  auto schools = SchoolsByProvince(regions);
  std::vector<int64_t> postings, graduates;
  for (const ProvinceWeight& p : kProvinces) {
    const CodeEntry* region = regions.Find(p.code);
    if (region == nullptr) {
      return absl::InternalError(absl::StrCat("no region ", p.code));
    }
    Province province{.region = region,
                      .cities = CitiesOf(regions, *region),
                      .schools = schools[region->code.substr(0, 2)]};
    province.pick_city = WeightedPick(LongTailWeights(province.cities.size()));
    world.provinces.push_back(std::move(province));
    postings.push_back(p.postings);
    graduates.push_back(p.graduates);
  }
  world.pick_posting_province = WeightedPick(postings);
  world.pick_graduate_province = WeightedPick(graduates);
  world.sources = MakeSources(world.provinces);
  return world;
}

}  // namespace gradmatch
