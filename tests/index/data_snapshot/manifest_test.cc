#include "index/data_snapshot/manifest.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/data_snapshot/sha256.h"

namespace gradmatch {
namespace {

SnapshotManifest Example() {
  SnapshotManifest manifest;
  manifest.id = "20261201T031900Z";
  manifest.created_at = absl::FromUnixSeconds(1'796'095'140);
  manifest.created_by = "gradmatchd 0.1.0";
  manifest.data_format = 2;
  manifest.sequence = 17;
  manifest.generation = 9;
  manifest.new_bytes = 5;
  manifest.journal = {std::string(32, 'a'), 3, std::string(64, 'b')};
  manifest.seal_keys = {"0011223344556677"};
  manifest.files = {{"store/000012.sst", 5, std::string(64, 'c'), "ab12"},
                    {"FORMAT", 0, std::string(64, 'd'), ""},
                    {"a name with blanks", 1, std::string(64, 'e'), ""}};
  return manifest;
}

TEST(ManifestTest, SaysWhatItWasToldInAKnownForm) {
  const std::string text = SerializeManifest(Example());
  // On disk for good: a change here is a new version.
  EXPECT_EQ(text.substr(0, text.find("end ")),
            absl::StrCat("gradmatch-data-snapshot 1\n"
                         "id 20261201T031900Z\n"
                         "created_at 2026-12-01T03:19:00Z\n"
                         "created_by gradmatchd 0.1.0\n"
                         "data_format 2\n"
                         "sequence 17\n"
                         "generation 9\n"
                         "new_bytes 5\n"
                         "journal ",
                         std::string(32, 'a'), " 3 ", std::string(64, 'b'),
                         "\nseal_key 0011223344556677\nfile ",
                         std::string(64, 'd'), " 0 - FORMAT\nfile ",
                         std::string(64, 'e'), " 1 - a name with blanks\nfile ",
                         std::string(64, 'c'), " 5 ab12 store/000012.sst\n"));
  const auto parsed = ParseManifest(text, "MANIFEST");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(SerializeManifest(*parsed), text);
  EXPECT_EQ(parsed->TotalBytes(), 6);
  EXPECT_EQ(parsed->files[2].table_id, "ab12");
}

TEST(ManifestTest, SurvivesNoChangeOfAByte) {
  const std::string text = SerializeManifest(Example());
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] ^= 1;
    EXPECT_FALSE(ParseManifest(changed, "MANIFEST").ok()) << i;
    EXPECT_FALSE(ParseManifest(text.substr(0, i), "MANIFEST").ok()) << i;
  }
  EXPECT_FALSE(ParseManifest(text + "x", "MANIFEST").ok());
  EXPECT_FALSE(ParseManifest(text + text, "MANIFEST").ok());
}

// Right hash, wrong words.
TEST(ManifestTest, RefusesWhatIsNotInTheGrammar) {
  const std::string text = SerializeManifest(Example());
  const std::string body = text.substr(0, text.find("end "));
  const struct {
    std::string from, to;
  } cases[] = {{"id 20261201T031900Z", "id ../x"},
               {"id 20261201T031900Z", "id 20261201T031900Z-1"},
               {"id 2", "ids 2"},
               {"sequence 17", "sequence -1"},
               {"sequence 17", "sequence 1x"},
               {"generation 9\n", ""},
               {"created_at 2026", "created_at x2026"},
               {" - FORMAT", " - /FORMAT"},
               {" - FORMAT", " - a/../../FORMAT"},
               {" - FORMAT", " - store//x"},
               {" - FORMAT", " - z"},  // not sorted
               {" - FORMAT", " - a name with blanks"},
               {" 0 - FORMAT", " -5 - FORMAT"},
               {" 0 - FORMAT", " FORMAT"},
               {"journal a", "journal A"}};
  for (const auto& [from, to] : cases) {
    std::string changed = body;
    ASSERT_NE(changed.find(from), std::string::npos) << from;
    changed.replace(changed.find(from), from.size(), to);
    changed += absl::StrCat("end ", Sha256Hex(changed), "\n");
    const auto parsed = ParseManifest(changed, "MANIFEST");
    EXPECT_TRUE(absl::IsDataLoss(parsed.status())) << from << " -> " << to;
    EXPECT_THAT(std::string(parsed.status().message()),
                testing::HasSubstr("MANIFEST"));
  }
}

TEST(ManifestTest, KnowsItsIds) {
  for (const char* id :
       {"20261201T031900Z", "20261201T031900Z-2", "20261201T031900Z-10"}) {
    EXPECT_TRUE(IsSnapshotId(id)) << id;
  }
  for (const char* id :
       {"", "x", "20261201T031900", "20261201T031900Z-", "20261201T031900Z-1",
        "20261201T031900Z-02", "20261201T031900Z.part", "20261201t031900Z",
        "../20261201T031900Z", "20261201T031900Z/"}) {
    EXPECT_FALSE(IsSnapshotId(id)) << id;
  }
}

TEST(Sha256Test, IsThatOfTheStandard) {
  EXPECT_EQ(Sha256Hex("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace gradmatch
