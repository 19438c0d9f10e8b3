#include "tools/sample/sample_generator.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/codes/code_table.h"
#include "matcher/ingest/validate_content.h"

namespace gradmatch {
namespace {

SampleOptions Options(uint64_t seed, int64_t postings, int64_t graduates) {
  return {.postings = postings,
          .graduates = graduates,
          .contents = 40,
          .seed = seed,
          .base_date = absl::CivilDay(2026, 11, 22)};
}

std::unique_ptr<SampleGenerator> Make(const SampleOptions& options) {
  auto generator = SampleGenerator::Create(options);
  EXPECT_TRUE(generator.ok()) << generator.status();
  return *std::move(generator);
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

// All files of a sample as one map, written to a fresh folder.
std::map<std::string, std::string> Write(const SampleOptions& options,
                                         const std::string& folder) {
  const std::string path = testing::TempDir() + "/" + folder;
  std::filesystem::remove_all(path);
  const auto written =
      WriteSample(*Make(options), path, [](int64_t, int64_t) {});
  EXPECT_TRUE(written.ok()) << written.status();
  std::map<std::string, std::string> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) {
      files[std::filesystem::relative(entry.path(), path)] =
          ReadFile(entry.path());
    }
  }
  return files;
}

TEST(SampleGeneratorTest, SameSeedSameBytesOtherSeedOtherBytes) {
  const auto first = Write(Options(7, 300, 200), "sample_a");
  EXPECT_EQ(first, Write(Options(7, 300, 200), "sample_b"));
  const auto other = Write(Options(8, 300, 200), "sample_c");
  EXPECT_NE(first.at("graduates.jsonl"), other.at("graduates.jsonl"));
  EXPECT_NE(first.at("contents.jsonl"), other.at("contents.jsonl"));
  EXPECT_THAT(first.at("README.txt"), testing::HasSubstr("Synthetic"));
}

TEST(SampleGeneratorTest, ALargerSampleBeginsWithTheSmaller) {
  const auto small = Make(Options(3, 100, 100));
  const auto large = Make(Options(3, 50'000'000, 12'000'000));
  for (int i : {0, 1, 50, 99}) {
    EXPECT_EQ(small->Posting(i).posting.SerializeAsString(),
              large->Posting(i).posting.SerializeAsString());
    EXPECT_EQ(small->Graduate(i).SerializeAsString(),
              large->Graduate(i).SerializeAsString());
    EXPECT_EQ(small->Content(i).SerializeAsString(),
              large->Content(i).SerializeAsString());
  }
  EXPECT_FALSE(large->Posting(49'999'999).posting.title().empty());
}

TEST(SampleGeneratorTest, CodesAreRealAndAThirdOfThePostingsHasNone) {
  const auto generator = Make(Options(1, 3000, 0));
  int without_code = 0;
  for (int i = 0; i < 3000; ++i) {
    const v1::Posting posting = generator->Posting(i).posting;
    bool coded = posting.functions_size() > 0;
    for (const v1::Location& location : posting.locations()) {
      if (!location.has_region()) continue;
      coded = true;
      const CodeEntry* region =
          CodeTable::Get("region")->Find(location.region().code());
      ASSERT_NE(region, nullptr) << posting.DebugString();
      EXPECT_EQ(region->name, location.region().display());
    }
    for (const auto& group : posting.majors().groups()) {
      coded = true;
      for (const v1::Code& code : group.codes()) {
        EXPECT_NE(CodeTable::Get(code.system())->Find(code.code()), nullptr);
      }
    }
    without_code += !coded;
    EXPECT_GE(posting.openings(), 1);
    EXPECT_LE(posting.openings(), 50);
  }
  EXPECT_NEAR(without_code, 1000, 60);
}

// What the generator makes is what a server takes, without a remark but for
// the expiries that follow from dates.
TEST(SampleGeneratorTest, ContentIsOfEveryKindAndValid) {
  const auto generator = Make(Options(1, 100, 0));
  std::map<int, int> kinds;
  int with_postings = 0, for_founders = 0, nested = 0;
  for (int i = 0; i < 400; ++i) {
    const v1::Content content = generator->Content(i);
    EXPECT_THAT(ValidateContent(content), testing::IsEmpty())
        << content.DebugString();
    ++kinds[content.kind()];
    with_postings += content.event().postings_size() > 0;
    for_founders += content.audience().starting_business();
    nested += content.audience().any_of_size() > 0;
    EXPECT_EQ(content.title().find("市辖区"), std::string::npos);
  }
  EXPECT_EQ(kinds.size(), 4u);
  for (const auto& [kind, count] : kinds) EXPECT_EQ(count, 100) << kind;
  EXPECT_EQ(with_postings, 100);
  EXPECT_GT(for_founders, 10);
  EXPECT_GT(nested, 5);
  EXPECT_EQ(Make(Options(1, 10, 0))->Content(2).event().postings_size(), 0);
}

TEST(SampleGeneratorTest, MarginalsAreSkewedLikeANation) {
  const auto generator = Make(Options(1, 5000, 5000));
  std::map<std::string, int> places, majors;
  std::map<int, int> levels;
  std::map<std::string, std::set<size_t>> sources_of_posting;
  int several_places = 0;
  for (int i = 0; i < 5000; ++i) {
    const SamplePosting made = generator->Posting(i);
    several_places += made.posting.locations_size() > 1;
    if (made.posting.locations(0).has_region()) {
      ++places[made.posting.locations(0).region().code().substr(0, 4)];
    }
    sources_of_posting[made.posting.employer().name() + made.posting.title() +
                       made.posting.requirements() +
                       made.posting.locations(0).address()]
        .insert(made.source);
    const v1::Education education =
        generator->Graduate(i).profile().educations(0);
    ++majors[education.majors(0).display()];
    ++levels[education.level()];
  }
  const auto largest = [](const std::map<std::string, int>& counts) {
    int most = 0;
    for (const auto& [name, n] : counts) most = std::max(most, n);
    return most;
  };
  EXPECT_GT(places.size(), 200u);
  EXPECT_GT(largest(places), 5000 / 200 * 4);  // few large, many small
  EXPECT_GT(majors.size(), 150u);
  EXPECT_GT(largest(majors), 5000 / 150 * 4);
  EXPECT_GT(several_places, 200);
  EXPECT_GT(levels[v1::EDUCATION_LEVEL_VOCATIONAL], 1500);
  EXPECT_GT(levels[v1::EDUCATION_LEVEL_BACHELOR], 1500);
  EXPECT_GT(levels[v1::EDUCATION_LEVEL_MASTER], 50);
  int across_sources = 0;
  for (const auto& [key, from] : sources_of_posting)
    across_sources += from.size() > 1;
  EXPECT_GT(across_sources, 100);
}

TEST(SampleGeneratorTest, RefusesSizesItCannotMake) {
  EXPECT_EQ(Validate(Options(1, 0, 1)).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Validate(Options(1, 1, -1)).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(Validate(Options(1, 50'000'000, 0)).ok());
}

}  // namespace
}  // namespace gradmatch
