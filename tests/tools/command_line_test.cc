#include "tools/gradmatch/command_line.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/gradmatch/exit_code.h"

namespace gradmatch {
namespace {

// A program with a few commands; what ran and with which values.
struct Program {
  std::string ran, name, output = "table";
  int64_t limit = 50;
  bool quiet = false;
  std::vector<std::string> files;
  CommandLine line{"program", "About it"};

  Program() {
    line.Global()
        .Option("--output", &output, "Form")
        .OneOf({"table", "json"})
        .Flag("--quiet", &quiet, "Less");
    line.Describe("push plan", "Plans");
    line.Add("push plan apply", "Applies",
             [this] {
               ran = "apply";
               return 0;
             })
        .Positional("plan", &name, "Id")
        .Option("--limit", &limit, "Number");
    line.Add("import", "Imports",
             [this] {
               ran = "import";
               return 65;
             })
        .Positionals("files", &files, "Files")
        .Option("--source", &name, "Source")
        .Required();
  }

  int Run(std::vector<std::string> words) {
    words.insert(words.begin(), "program");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    return line.Run(static_cast<int>(argv.size()), argv.data());
  }
};

TEST(CommandLineTest, RunsTheCommandWithItsWords) {
  Program p;
  EXPECT_EQ(p.Run({"push", "plan", "apply", "nightly", "--limit", "7"}), 0);
  EXPECT_EQ(p.ran, "apply");
  EXPECT_EQ(p.name, "nightly");
  EXPECT_EQ(p.limit, 7);
}

TEST(CommandLineTest, GlobalOptionsMayStandAnywhere) {
  Program before, after;
  EXPECT_EQ(before.Run({"--output", "json", "push", "plan", "apply", "x"}), 0);
  EXPECT_EQ(before.output, "json");
  EXPECT_EQ(
      after.Run({"push", "plan", "apply", "x", "--output", "json", "--quiet"}),
      0);
  EXPECT_EQ(after.output, "json");
  EXPECT_TRUE(after.quiet);
}

TEST(CommandLineTest, TheCommandsExitCodeIsTheProgramsOne) {
  Program p;
  EXPECT_EQ(p.Run({"import", "a", "b", "--source", "s"}), 65);
  EXPECT_THAT(p.files, testing::ElementsAre("a", "b"));
}

TEST(CommandLineTest, WrongWordsAreUsageErrorsAndRunNothing) {
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"no-such-command"},
      {"push"},
      {"push", "plan", "apply"},
      {"push", "plan", "apply", "x", "--limit", "many"},
      {"push", "plan", "apply", "x", "--no-such-option"},
      {"import", "a"},
      {"--output", "xml", "import", "a", "--source", "s"}};
  for (const auto& words : wrong) {
    SCOPED_TRACE(testing::PrintToString(words));
    Program p;
    testing::internal::CaptureStderr();
    EXPECT_EQ(p.Run(words), kExitUsage);
    EXPECT_NE(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(p.ran, "");
  }
}

TEST(CommandLineTest, HelpIsNoError) {
  Program p;
  testing::internal::CaptureStdout();
  EXPECT_EQ(p.Run({"push", "plan", "apply", "--help"}), 0);
  EXPECT_THAT(testing::internal::GetCapturedStdout(),
              testing::HasSubstr("--limit"));
}

}  // namespace
}  // namespace gradmatch
