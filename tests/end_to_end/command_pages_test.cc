// The manual and the completion against what --help says: both are made from
// one description, so the oracle here is the help as a user reads it.

#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/end_to_end/server_fixture.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;
using testing::Not;

// What --help of a command lists.
struct Help {
  std::string path;
  std::vector<std::string> commands;
  std::vector<std::string> options;
};

class PagesTest : public ServerFixture {
 protected:
  Help HelpOf(const std::string& path) {
    Help help{.path = path, .commands = {}, .options = {}};
    const Ran ran = Shell(absl::StrCat("gradmatch ", path, " --help"));
    EXPECT_EQ(ran.code, 0) << path;
    static const auto& option =
        *new std::regex("^  (?:-[a-z],)?(--[a-z-]+)\\b");
    static const auto& command = *new std::regex("^  ([a-z-]+)\\b");
    bool commands = false;
    std::istringstream in(ran.output);
    for (std::string line; std::getline(in, line);) {
      if (line == "Subcommands:") commands = true;
      std::smatch match;
      if (std::regex_search(line, match, commands ? command : option)) {
        (commands ? help.commands : help.options).push_back(match[1]);
      }
    }
    return help;
  }

  // The program and all commands below `path`.
  void Walk(const std::string& path, std::vector<Help>& all) {
    all.push_back(HelpOf(path));
    const std::vector<std::string> commands = all.back().commands;
    for (const std::string& command : commands) {
      Walk(path.empty() ? command : path + " " + command, all);
    }
  }
};

// The part of a page below a command's heading.
std::string PartOf(const std::string& page, const std::string& path) {
  const std::string dashed = absl::StrReplaceAll(path, {{"-", "\\-"}});
  std::smatch match;
  const std::regex heading(absl::StrCat(
      "\n\\.SS \"gradmatch ", absl::StrReplaceAll(dashed, {{"\\", "\\\\"}}),
      "[^a-z\\\\][^\n]*\n"));
  if (!std::regex_search(page, match, heading)) return "";
  const std::string rest = match.suffix();
  return rest.substr(0, rest.find("\n.S"));
}

TEST_F(PagesTest, ManualAndCompletionHaveWhatHelpHas) {
  std::vector<Help> all;
  Walk("", all);
  ASSERT_GT(all.size(), 60);
  const std::string page = Shell("gradmatch manual gradmatch").output;
  std::string script =
      ". ./c.bash\n"
      "try() { COMP_WORDS=(gradmatch \"$@\"); COMP_CWORD=$#; _gradmatch; "
      "printf ' %s' \"${COMPREPLY[@]}\"; echo ' '; }\n";
  for (const Help& help : all) {
    SCOPED_TRACE("gradmatch " + help.path);
    if (!help.commands.empty()) {
      absl::StrAppend(&script, "try ", help.path, " ''\n");
    }
    absl::StrAppend(&script, "try ", help.path, " --\n");
    // A group of commands has no options of its own.
    if (!help.path.empty() && !help.commands.empty()) continue;
    const std::string part = help.path.empty() ? page : PartOf(page, help.path);
    EXPECT_FALSE(part.empty());
    for (const std::string& option : help.options) {
      if (option.starts_with("--help")) continue;
      EXPECT_THAT(part, HasSubstr(absl::StrCat(
                            "\\fB", absl::StrReplaceAll(option, {{"-", "\\-"}}),
                            "\\fR")));
    }
  }
  Write("try.sh", script);
  const Ran ran = Shell("gradmatch completion bash >c.bash; bash try.sh");
  EXPECT_EQ(ran.code, 0);
  std::istringstream lines(ran.output);
  std::string offered;
  for (const Help& help : all) {
    SCOPED_TRACE("gradmatch " + help.path);
    if (!help.commands.empty()) std::getline(lines, offered);
    for (const std::string& command : help.commands) {
      EXPECT_THAT(offered, HasSubstr(" " + command + " "));
    }
    std::getline(lines, offered);
    for (const std::string& option : help.options) {
      EXPECT_THAT(offered, HasSubstr(" " + option + " "));
    }
  }
}

TEST_F(PagesTest, PagesRenderWithoutAWarning) {
  for (const char* page : {"gradmatch", "gradmatchd", "gradmatch.yaml"}) {
    const Ran ran =
        Shell(absl::StrCat("gradmatch manual ", page,
                           " >p; groff -ww -man -Tascii -P-cbou p >out.txt"));
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.output, "") << page;
    const std::string rendered = Text("out.txt");
    EXPECT_THAT(rendered, HasSubstr("EXAMPLES")) << page;
    EXPECT_THAT(rendered, HasSubstr("ENVIRONMENT")) << page;
    EXPECT_THAT(rendered, Not(HasSubstr("\\-"))) << page;
  }
}

TEST_F(PagesTest, TheDaemonsPageHasItsFlags) {
  const std::string page = Shell("gradmatch manual gradmatchd").output;
  const std::string help = Shell("gradmatchd --help").output;
  static const std::regex flag("\n    --([a-z_]+) ");
  int flags = 0;
  for (std::sregex_iterator it(help.begin(), help.end(), flag), end; it != end;
       ++it, ++flags) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("\\fB\\-\\-", (*it)[1].str(),
                                             "\\fR \\fI")));
  }
  EXPECT_EQ(flags, 3);
}

// The words of the examples, run as far as no server and no file is needed.
TEST_F(PagesTest, ExamplesAreRightlyWorded) {
  const std::string page = Shell("gradmatch manual gradmatch").output;
  const std::string part = page.substr(
      page.find("EXAMPLES"), page.find("EXIT STATUS") - page.find("EXAMPLES"));
  std::istringstream in(absl::StrReplaceAll(part, {{"\\-", "-"}}));
  int examples = 0;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("gradmatch ") || line == "gradmatch demo") continue;
    ++examples;
    // /etc/gradmatch is not for a test to write to, nor is there a server to
    // wait for.
    const Ran ran =
        Shell(absl::StrReplaceAll(line, {{"/etc/gradmatch", "/proc/none"},
                                         {"--wait 60", "--wait 0"}}) +
              " --timeout 1 </dev/null");
    EXPECT_NE(ran.code, 64) << line << "\n" << ran.output;
  }
  EXPECT_GE(examples, 8);
}

TEST_F(PagesTest, NamesAreAskedOfTheServer) {
  ASSERT_NO_FATAL_FAILURE(Start());
  for (const char* source : {"hubei", "hunan", "x-1"}) {
    ASSERT_EQ(Shell(absl::StrCat("gradmatch source add ", source)).code, 0);
  }
  ASSERT_EQ(Shell("gradmatch push plan apply nightly --slots 3").code, 0);
  Write("try.sh",
        ". ./c.bash\n"
        "try() { COMP_WORDS=(gradmatch \"$@\"); COMP_CWORD=$#; _gradmatch; "
        "echo \"${COMPREPLY[@]}\"; }\n"
        "try source show hu\n"
        "try posting import f --source ''\n"
        "try push run ''\n"
        "try push plan show n\n");
  const Ran ran = Shell("gradmatch completion bash >c.bash; bash try.sh");
  EXPECT_EQ(ran.output, "hubei hunan\nhubei hunan x-1\nnightly\nnightly\n");
}

}  // namespace
}  // namespace gradmatch
