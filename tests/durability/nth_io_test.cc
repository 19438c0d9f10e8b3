// The n-th operation on the disk fails, for n = 1, 2, 3 and on until a session
// with the store gets through: making a data folder, opening one whose log is
// to be replayed, and one whose log is torn and is recovered. Each time the
// session ends with an error or goes on, but never crashes; the next one opens
// the folder, has all that was acknowledged, and no half of a write.
//
// Some n of each; all with GRADMATCH_EVERY_OPERATION set.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tests/durability/child.h"
#include "tests/durability/file_damage.h"
#include "tests/durability/simulated_disk.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kHang = 300;  // seconds
constexpr int kWrites = 3;

struct Session {
  ChildEnd end;
  int has = 0;    // numbers 0..has-1 were there
  int acked = 0;  // numbers up to acked-1 are there for good
  bool broken = false;
  std::string text;
};

class NthIoTest : public testing::TestWithParam<int> {
 protected:
  std::string Folder() const { return disk_.root() + "/data"; }

  Session Run(int count) {
    const std::string out = disk_.Beside("out");
    Session session;
    session.end = RunInChild(disk_.Beside(""), kHang, [&] {
      for (const std::string& variable : disk_.Environment()) {
        const std::pair<std::string, std::string> parts =
            absl::StrSplit(variable, absl::MaxSplits('=', 1));
        setenv(parts.first.c_str(), parts.second.c_str(), 1);
      }
      const int fd = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
      ::dup2(fd, STDOUT_FILENO);
      ::execl(IO_SESSION, IO_SESSION, Folder().c_str(),
              std::to_string(count).c_str(), nullptr);
      _exit(127);
    });
    session.text = ReadBytes(out);
    std::istringstream lines(session.text);
    for (std::string word; lines >> word;) {
      int number = 0;
      if (word == "broken") session.broken = true;
      if (word != "has" && word != "ack") continue;
      lines >> number;
      (word == "has" ? session.has : session.acked) = number + 1;
    }
    return session;
  }

  // For each n: a folder as `prepare` leaves it, a session in which operation n
  // fails with the test's error, and one in which none does.
  void FailEach(const std::function<void()>& prepare, int had) {
    int n = 1;
    for (bool reached = true; reached; n += Step()) {
      SCOPED_TRACE(absl::StrCat("operation ", n, " fails with ", GetParam()));
      fs::remove_all(Folder());
      prepare();
      disk_.ResetControl();
      disk_.control().fail_errno = GetParam();
      disk_.control().fail_count = 1;
      disk_.control().fail_at_operation = n;
      const Session failed = Run(kWrites);
      reached = disk_.control().operations >= n;
      disk_.ResetControl();
      EXPECT_TRUE(failed.end.exited) << "signal " << failed.end.signal;
      EXPECT_TRUE(failed.end.code == 0 || failed.end.code == 2)
          << failed.end.code << "\n"
          << failed.text;
      const Session next = Run(1);
      EXPECT_TRUE(next.end.exited && next.end.code == 0)
          << next.text << "\nafter\n"
          << failed.text;
      EXPECT_GE(next.has, had);
      EXPECT_GE(next.has, failed.acked);
      EXPECT_FALSE(next.broken);
      if (HasFailure()) return;
    }
    std::printf("%d operations\n", n - 1);
    EXPECT_GT(n, 20);
  }

  static int Step() {
    return std::getenv("GRADMATCH_EVERY_OPERATION") != nullptr ? 1 : 29;
  }

  SimulatedDisk disk_;
};

TEST_P(NthIoTest, MakingADataFolder) {
  FailEach([] {}, 0);
}

TEST_P(NthIoTest, OpeningAFolderWithALog) {
  ASSERT_EQ(Run(kWrites).acked, kWrites);
  const std::string image = disk_.Beside("image");
  fs::copy(Folder(), image, fs::copy_options::recursive);
  FailEach([&] { fs::copy(image, Folder(), fs::copy_options::recursive); },
           kWrites);
}

TEST_P(NthIoTest, RecoveringATornLog) {
  ASSERT_EQ(Run(kWrites).acked, kWrites);
  const std::string image = disk_.Beside("image");
  fs::copy(Folder(), image, fs::copy_options::recursive);
  for (const std::string& file : ListFiles(image + "/store")) {
    if (KindOf("/" + file) != FileKind::kLog) continue;
    std::ofstream(image + "/store/" + file, std::ios::binary | std::ios::app)
        << std::string("\x11\x22\x33\x44\x40\x00\x01torn", 11);
  }
  FailEach([&] { fs::copy(image, Folder(), fs::copy_options::recursive); },
           kWrites);
}

INSTANTIATE_TEST_SUITE_P(Errors, NthIoTest, testing::Values(EIO, ENOSPC),
                         [](const auto& info) {
                           return info.param == EIO ? "EIO" : "ENOSPC";
                         });

}  // namespace
}  // namespace gradmatch
