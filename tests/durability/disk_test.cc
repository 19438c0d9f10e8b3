// What a power cut may leave, and what it must leave, of what a program did.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/durability/simulated_disk.h"
#include "tools/process/server_process.h"

namespace gradmatch {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSubsetOf;

constexpr uint32_t kSeeds = 40;

std::string Text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// "a=text b/ b/c=text" of a folder, by name.
std::string Describe(const std::string& root) {
  namespace fs = std::filesystem;
  std::set<std::string> parts;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string name =
        entry.path().lexically_relative(root).generic_string();
    parts.insert(entry.is_directory() ? name + "/"
                                      : name + "=" + Text(entry.path()));
  }
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : " ") + part;
  return out;
}

// Runs disk_probe's steps; its exit code.
int Probe(SimulatedDisk& disk, const std::vector<std::string>& steps) {
  std::vector<std::string> words = disk.Environment();
  words.push_back(DISK_PROBE);
  words.push_back(disk.root());
  words.insert(words.end(), steps.begin(), steps.end());
  const auto pid = SpawnProgram("/usr/bin/env", words, disk.Beside("log"));
  EXPECT_TRUE(pid.ok()) << pid.status();
  return WaitProgram(*pid);
}

struct CutCase {
  std::string name;
  std::vector<std::string> before;  // with a cut behind it, so it is kept
  std::vector<std::string> steps;
  std::set<std::string> may;   // everything that may be left
  std::set<std::string> must;  // seen with some seed
};
class CutTest : public testing::TestWithParam<CutCase> {};

TEST_P(CutTest, LeavesWhatItMay) {
  std::set<std::string> seen;
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    SimulatedDisk disk;
    std::mt19937 random(seed);
    if (!GetParam().before.empty()) {
      ASSERT_EQ(Probe(disk, GetParam().before), 0) << Text(disk.Beside("log"));
      disk.CutPower(random);
    }
    ASSERT_EQ(Probe(disk, GetParam().steps), 0) << Text(disk.Beside("log"));
    disk.CutPower(random);
    seen.insert(Describe(disk.root()));
  }
  EXPECT_THAT(seen, IsSubsetOf(GetParam().may));
  for (const std::string& one : GetParam().must)
    EXPECT_THAT(seen, Contains(one));
}

const std::vector<std::string> kOld = {"put:a:old", "sync:a", "sync:"};
const std::string kZero(1, '\0');

INSTANTIATE_TEST_SUITE_P(
    Disk, CutTest,
    testing::ValuesIn<CutCase>({
        {.name = "SyncedWithItsName",
         .steps = {"put:a:xy", "sync:a", "sync:"},
         .may = {"a=xy"},
         .must = {"a=xy"}},
        {.name = "NameNotSynced",
         .steps = {"put:a:xy", "sync:a"},
         .may = {"", "a=xy"},
         .must = {"", "a=xy"}},
        {.name = "ContentNotSynced",
         .steps = {"put:a:xy", "sync:"},
         .may = {"a=", "a=x", "a=xy", "a=" + kZero, "a=x" + kZero,
                 "a=" + kZero + kZero},
         .must = {"a=", "a=xy"}},
        {.name = "TailNotSynced",
         .before = kOld,
         .steps = {"append:a:X", "sync:a", "append:a:Y"},
         .may = {"a=oldX", "a=oldXY", "a=oldX" + kZero},
         .must = {"a=oldX", "a=oldXY"}},
        {.name = "OverwrittenNotSynced",
         .before = kOld,
         .steps = {"overwrite:a:1:X", "overwrite:a:2:Y"},
         .may = {"a=old", "a=oXd", "a=oXY"},
         .must = {"a=old", "a=oXY"}},
        {.name = "EmptiedNotSynced",
         .before = kOld,
         .steps = {"put:a:n"},
         .may = {"a=old", "a=n", "a=nld", "a=n" + kZero + "d"},
         .must = {"a=old"}},
        {.name = "RenamedNotSynced",
         .before = kOld,
         .steps = {"put:b:new", "sync:b", "rename:b:a"},
         .may = {"a=old", "a=old b=new", "a=new"},
         .must = {"a=old", "a=new"}},
        {.name = "RenamedAndSynced",
         .before = kOld,
         .steps = {"put:b:new", "sync:b", "rename:b:a", "sync:"},
         .may = {"a=new"},
         .must = {"a=new"}},
        {.name = "RemovedNotSynced",
         .before = kOld,
         .steps = {"remove:a"},
         .may = {"", "a=old"},
         .must = {"", "a=old"}},
        {.name = "RemovedAndSynced",
         .before = kOld,
         .steps = {"remove:a", "sync:"},
         .may = {""},
         .must = {""}},
        {.name = "LinkedNotSynced",
         .before = kOld,
         .steps = {"link:a:b"},
         .may = {"a=old", "a=old b=old"},
         .must = {"a=old", "a=old b=old"}},
        {.name = "FolderNotSynced",
         .steps = {"folder:f", "put:f/a:x", "sync:f/a", "sync:f"},
         .may = {"", "f/ f/a=x"},
         .must = {"", "f/ f/a=x"}},
        {.name = "TreeRemovedNotSynced",
         .before = {"folder:f", "put:f/a:x", "sync:f/a", "sync:f", "sync:"},
         .steps = {"remove:f"},
         .may = {"", "f/", "f/ f/a=x"},
         .must = {"", "f/ f/a=x"}},
        {.name = "FolderRenamedWithNewNames",
         .steps = {"folder:f.tmp", "sync:", "put:f.tmp/a:x", "sync:f.tmp/a",
                   "sync:f.tmp", "rename:f.tmp:f"},
         .may = {"f.tmp/ f.tmp/a=x", "f/ f/a=x"},
         .must = {"f.tmp/ f.tmp/a=x", "f/ f/a=x"}},
    }),
    [](const auto& info) { return info.param.name; });

TEST(DiskTest, WhatAKilledProgramLeftUnsyncedGoesWithTheNextCut) {
  std::set<std::string> seen;
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    SimulatedDisk disk;
    std::mt19937 random(seed);
    ASSERT_EQ(Probe(disk, {"put:a:x", "sync:a", "sync:", "append:a:y"}), 0);
    // A second program sees it, and does not sync it.
    ASSERT_EQ(Probe(disk, {"put:b:z", "sync:b", "sync:"}), 0);
    EXPECT_EQ(Describe(disk.root()), "a=xy b=z");
    disk.CutPower(random);
    seen.insert(Describe(disk.root()));
  }
  EXPECT_THAT(seen, Contains("a=x b=z"));
}

TEST(DiskTest, ADiskThatOnlySaysItSyncedLosesWhatWasSynced) {
  std::set<std::string> seen;
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    SimulatedDisk disk;
    std::mt19937 random(seed);
    ASSERT_EQ(Probe(disk, {"put:a:x", "sync:a", "sync:"}), 0);
    disk.CutPower(random, SimulatedDisk::Syncs::kIgnored);
    seen.insert(Describe(disk.root()));
  }
  EXPECT_THAT(seen, Contains(""));
}

TEST(DiskTest, ProgramDiesAtASync) {
  for (const bool after : {false, true}) {
    SimulatedDisk disk;
    disk.control().die_at_sync = 2;
    disk.control().die_after_it = after;
    EXPECT_EQ(Probe(disk, {"put:a:x", "sync:a", "sync:", "put:b:y"}),
              128 + SIGKILL);
    EXPECT_EQ(disk.control().syncs, 2);
    EXPECT_EQ(Describe(disk.root()), "a=x");
    std::set<std::string> seen;
    std::mt19937 random(after);
    disk.CutPower(random);
    if (after) {
      EXPECT_EQ(Describe(disk.root()), "a=x");
    }
  }
}

TEST(DiskTest, WhatAFailedSyncShouldHaveKeptIsLostThoughLaterOnesSucceed) {
  SimulatedDisk disk;
  disk.control().fail_at_sync = 3;
  EXPECT_EQ(Probe(disk, {"put:a:x", "sync:a", "sync:", "append:a:y", "sync:a",
                         "append:a:z", "sync:a"}),
            1);
  EXPECT_THAT(Text(disk.Beside("log")), HasSubstr("sync:a: 5\n"));  // EIO
  EXPECT_EQ(Describe(disk.root()), "a=xyz");  // from the cache
  std::mt19937 random(1);
  disk.CutPower(random);
  EXPECT_EQ(Describe(disk.root()), "a=x" + kZero + "z");
}

TEST(DiskTest, OperationsFailAsAsked) {
  SimulatedDisk disk;
  disk.control().fail_at_operation = 3;  // after the creation and the writing
  disk.control().fail_count = 2;
  disk.control().fail_errno = ENOSPC;
  EXPECT_EQ(Probe(disk, {"put:a:x", "sync:a", "rename:a:b", "rename:a:c"}), 1);
  EXPECT_EQ(Text(disk.Beside("log")), "sync:a: 28\nrename:a:b: 28\n");
  EXPECT_EQ(Describe(disk.root()), "c=x");
}

}  // namespace
}  // namespace gradmatch
