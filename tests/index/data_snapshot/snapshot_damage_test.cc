// Data snapshots that are damaged, incomplete, foreign or too new: refused, by
// verifying and by restoring, naming what is wrong.

#include <filesystem>
#include <fstream>
#include <functional>
#include <vector>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/data_snapshot/sha256.h"
#include "index/format.h"
#include "tests/index/data_snapshot/snapshot_fixture.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A snapshot's folder, another one's, and its file with this ending.
struct Damage {
  std::string name;
  std::function<void(const std::string& path, const std::string& other)> make;
  std::string named;  // what the message has to name
};

std::string FileOf(const std::string& path, const std::string& ending) {
  std::string found;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    const std::string name = entry.path().string();
    if (entry.is_regular_file() && name.ends_with(ending) && name > found) {
      found = name;
    }
  }
  EXPECT_FALSE(found.empty()) << ending;
  return found;
}

// Written in place of the old one, which others may share.
void Replace(const std::string& path, const std::string& bytes) {
  fs::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}
void Change(const std::string& path,
            const std::function<void(std::string&)>& how) {
  std::string bytes = *ReadFile(path);
  how(bytes);
  Replace(path, bytes);
}
void FlipBit(std::string& bytes) { bytes[bytes.size() / 2] ^= 0x10; }
void CutShort(std::string& bytes) { bytes.resize(bytes.size() - 1); }
void ZeroPage(std::string& bytes) {
  const size_t size = std::min<size_t>(bytes.size(), 512);
  std::fill_n(bytes.begin(), size, '\0');
}

// A manifest with other words, and the right hash over them.
void Reword(const std::string& path,
            const std::function<void(std::string&)>& how) {
  Change(path + "/MANIFEST", [&](std::string& text) {
    text.resize(text.rfind("end "));
    how(text);
    text += "end " + Sha256Hex(text) + "\n";
  });
}

std::vector<Damage> Damages() {
  std::vector<Damage> damages;
  for (const char* ending :
       {".sst", "CURRENT", "SECRET", "FORMAT", "WATERMARK", "IDENTITY"}) {
    const std::string file = ending;
    damages.push_back({"Flip" + file,
                       [file](const auto& path, const auto&) {
                         Change(FileOf(path, file), FlipBit);
                       },
                       file});
    damages.push_back({"Cut" + file,
                       [file](const auto& path, const auto&) {
                         Change(FileOf(path, file), CutShort);
                       },
                       file});
    damages.push_back({"Missing" + file,
                       [file](const auto& path, const auto&) {
                         fs::remove(FileOf(path, file));
                       },
                       file});
  }
  const auto add = [&](std::string name, auto make, std::string named) {
    damages.push_back({std::move(name), make, std::move(named)});
  };
  add(
      "ZeroedTable",
      [](const auto& path, const auto&) {
        Change(FileOf(path, ".sst"), ZeroPage);
      },
      ".sst");
  add(
      "TableOfAnotherSnapshot",
      [](const auto& path, const auto& other) {
        Replace(FileOf(path, ".sst"), *ReadFile(FileOf(other, ".sst")));
      },
      ".sst");
  add(
      "ManifestOfAnotherSnapshot",
      [](const auto& path, const auto& other) {
        Replace(path + "/MANIFEST", *ReadFile(other + "/MANIFEST"));
      },
      "MANIFEST");
  add(
      "ListOfTablesOfAnotherSnapshot",
      [](const auto& path, const auto& other) {
        const std::string list = FileOf(other, "CURRENT");
        Replace(FileOf(path, "CURRENT"), *ReadFile(list) + " ");
      },
      "CURRENT");
  add(
      "ExtraFile",
      [](const auto& path, const auto&) {
        std::ofstream(path + "/data/store/999999.sst") << "extra";
      },
      "999999.sst");
  add(
      "ExtraBesideTheManifest",
      [](const auto& path, const auto&) {
        std::ofstream(path + "/NOTE") << "extra";
      },
      "NOTE");
  add(
      "LinkInPlaceOfAFile",
      [](const auto& path, const auto&) {
        const std::string file = FileOf(path, "SECRET");
        fs::rename(file, path + "/../secret");
        fs::create_symlink(path + "/../secret", file);
      },
      "SECRET");
  add(
      "NoManifest",
      [](const auto& path, const auto&) { fs::remove(path + "/MANIFEST"); },
      "MANIFEST");
  add(
      "FlippedManifest",
      [](const auto& path, const auto&) {
        Change(path + "/MANIFEST", FlipBit);
      },
      "MANIFEST");
  add(
      "CutManifest",
      [](const auto& path, const auto&) {
        Change(path + "/MANIFEST", CutShort);
      },
      "MANIFEST");
  add(
      "ManifestWithoutItsLastLine",
      [](const auto& path, const auto&) {
        Change(path + "/MANIFEST",
               [](std::string& text) { text.resize(text.rfind("end ")); });
      },
      "MANIFEST");
  add(
      "EditedManifest",
      [](const auto& path, const auto&) {
        Change(path + "/MANIFEST", [](std::string& text) {
          text = absl::StrReplaceAll(text, {{"sequence ", "sequence 1"}});
        });
      },
      "MANIFEST");
  add(
      "NewerManifest",
      [](const auto& path, const auto&) {
        Reword(path, [](std::string& text) {
          text = absl::StrReplaceAll(text,
                                     {{"data-snapshot 1", "data-snapshot 2"}});
        });
      },
      "格式为 2");
  add(
      "ManifestThatLeadsOut",
      [](const auto& path, const auto&) {
        Reword(path, [](std::string& text) {
          text = absl::StrReplaceAll(text, {{" SECRET\n", " ../../SECRET\n"}});
        });
      },
      "file");
  add(
      "ForeignFolder",
      [](const auto& path, const auto&) {
        fs::remove_all(path);
        fs::create_directories(path);
        std::ofstream(path + "/MANIFEST") << "backup of something else\n";
      },
      "MANIFEST");
  add(
      "Renamed",
      [](const auto& path, const auto& other) {
        fs::remove_all(path);
        fs::rename(other, path);
      },
      "属于快照");
  return damages;
}

using SnapshotDamageTest = SnapshotFixture;

TEST_F(SnapshotDamageTest, EachIsRefusedAndNamed) {
  Write("a", 300);
  const auto first = Make();
  ASSERT_TRUE(first.ok()) << first.status();
  Write("b", 300);
  const auto second = Make();
  ASSERT_TRUE(second.ok()) << second.status();
  const std::string path = PathOf(first->id);
  const std::string other = PathOf(second->id);
  const std::string kept = temp_ / "kept";
  fs::create_directories(kept);
  fs::copy(path, kept + "/1", fs::copy_options::recursive);
  fs::copy(other, kept + "/2", fs::copy_options::recursive);
  const std::vector<Damage> damages = Damages();
  ASSERT_GE(damages.size(), 30);
  for (const Damage& damage : damages) {
    SCOPED_TRACE(damage.name);
    damage.make(path, other);
    for (const bool restoring : {false, true}) {
      const std::string to = temp_ / "restored";
      const absl::Status status =
          restoring ? Restore(first->id, to) : Verify(path);
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
      EXPECT_EQ(ReasonOf(status), kSnapshotDamaged);
      EXPECT_THAT(std::string(status.message()), HasSubstr(damage.named));
      EXPECT_FALSE(FileExists(to)) << "nothing is begun";
    }
    fs::remove_all(path);
    fs::remove_all(other);
    fs::copy(kept + "/1", path, fs::copy_options::recursive);
    fs::copy(kept + "/2", other, fs::copy_options::recursive);
    ASSERT_TRUE(Verify(path).ok()) << "put back";
  }
}

TEST_F(SnapshotDamageTest, AFolderOfANewerProgramIsNotBegunWith) {
  Write("a", 10);
  store_.reset();
  // As a newer program would write it.
  const std::string format = data_path() + "/FORMAT";
  auto parsed = ParseFormat(*ReadFile(format));
  ASSERT_TRUE(parsed.ok());
  ASSERT_NO_FATAL_FAILURE(OpenStore());
  parsed->format_version = kFormatVersion + 7;
  parsed->least_reader_version = kFormatVersion + 7;
  ASSERT_TRUE(WriteFileDurably(format, SerializeFormat(*parsed)).ok());
  const auto manifest = Make();
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->data_format, kFormatVersion + 7);
  EXPECT_TRUE(Verify(PathOf(manifest->id)).ok());
  const absl::Status refused = Restore(manifest->id, temp_ / "restored");
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("install the newer"));
  EXPECT_FALSE(FileExists(temp_ / "restored"));
}

}  // namespace
}  // namespace gradmatch
