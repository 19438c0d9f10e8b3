// What is written for people and shells: sample configuration, roff,
// completion, and the unit that has to go with the options.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/options.h"
#include "server/yaml.h"
#include "tools/gradmatch/pages/completion.h"
#include "tools/gradmatch/pages/manual.h"
#include "tools/gradmatch/pages/roff.h"
#include "tools/gradmatch/pages/sample_configuration.h"
#include "tools/process/server_process.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;

std::string Text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<OptionValue> Defaults() { return LoadOptions({})->values; }

TEST(SampleConfigurationTest, SetsEveryOptionToItsDefault) {
  OptionSources sources;
  sources.file_path = "sample.yaml";
  sources.file_text = SampleConfiguration(Defaults(), "1.2.3");
  const auto loaded = LoadOptions(sources);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ASSERT_GT(loaded->values.size(), 30);
  for (const OptionValue& value : loaded->values) {
    EXPECT_EQ(value.origin, OptionOrigin::kFile) << value.name;
    EXPECT_EQ(value.value, value.default_value) << value.name;
  }
}

TEST(SampleConfigurationTest, CommentsHoldTheHelpWithinTheWidth) {
  const std::string text = SampleConfiguration(Defaults(), "1.2.3");
  std::string words;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    EXPECT_LE(line.size(), 80) << line;
    const size_t comment = line.find("# ");
    if (comment != std::string::npos) words += line.substr(comment + 1);
  }
  for (const OptionValue& value : Defaults()) {
    EXPECT_THAT(words, HasSubstr(value.help)) << value.name;
  }
}

// Values and names that the table does not have today.
TEST(SampleConfigurationTest, AnyValueIsReadBackAsItIs) {
  std::vector<OptionValue> values;
  for (const char* text :
       {"",          "a b",  "#",  "a: b", "a:", "[::1]:80", "- x",
        "~",         "null", "\"", "'",    "\\", "{a}",      "a,b",
        "0 6 * * *", "*",    "&a", "!x",   "%",  "@",        "`"}) {
    OptionValue& value = values.emplace_back();
    value.name = absl::StrCat("s.t.n", 100 + values.size());
    value.default_value = text;
    value.help = "Help.";
  }
  values.emplace_back().name = "s.u";
  values.emplace_back().name = "z";
  const auto root = ParseYaml(SampleConfiguration(values, "1"));
  ASSERT_TRUE(root.ok()) << root.status();
  ASSERT_EQ(root->entries.size(), 2);
  const YamlNode& s = root->entries[0].value;
  ASSERT_EQ(s.entries.size(), 2);
  const YamlNode& t = s.entries[0].value;
  ASSERT_EQ(t.entries.size(), values.size() - 2);
  for (size_t i = 0; i < t.entries.size(); ++i) {
    EXPECT_EQ(t.entries[i].value.kind, YamlNode::Kind::kScalar);
    EXPECT_EQ(t.entries[i].value.scalar, values[i].default_value);
  }
}

TEST(RoffTest, MasksWhatRoffWouldActOn) {
  const std::pair<const char*, const char*> cases[] = {
      {"plain", "plain"},
      {"--set", "\\-\\-set"},
      {".TH\n.SH", "\\&.TH\n\\&.SH"},
      {"'tis", "\\&\\(aqtis"},
      {"a.b\\n", "a.b\\en"},
      {"\"q\" `x` ~ ^", "\\(dqq\\(dq \\(gax\\(ga \\(ti \\(ha"},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(RoffText(text), want);
}

TEST(ManualTest, TheConfigurationsPageHasEveryOption) {
  const std::string page = ConfigurationManual(Defaults(), "1");
  for (const OptionValue& value : Defaults()) {
    EXPECT_THAT(page,
                HasSubstr(absl::StrCat("\n\\fB", RoffText(value.name), "\\fR\n",
                                       RoffText(value.help), " Default: ")));
  }
}

CommandTree SmallProgram() {
  OptionWords output{.name = "--output", .help = "Form"};
  output.taken.words = {"table", "json"};
  OptionWords kind{.name = "--kind"};
  kind.taken.words = {"region", "school"};
  CommandTree add{.path = "source add",
                  .options = {{.name = "id", .positional = true}, kind}};
  OptionWords shell{.name = "shell", .positional = true};
  shell.taken.words = {"bash", "zsh"};
  OptionWords two{.name = "two", .positional = true};
  two.taken.words = {"second"};
  return {.options = {output, {.name = "--quiet", .flag = true}},
          .commands = {{.path = "source", .commands = {add}},
                       {.path = "shell", .options = {shell, two}},
                       {.path = "read",
                        .options = {{.name = "file", .positional = true}}}}};
}

TEST(CompletionTest, OffersWhatMayStandThere) {
  const std::string folder =
      testing::TempDir() + "/completion_" + std::to_string(getpid());
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/a file.csv") << "x";
  std::ofstream(folder + "/gradmatch.bash") << BashCompletion(SmallProgram());
  // The words on the line, the last one is completed; what is offered.
  const std::pair<std::string, std::string> cases[] = {
      {"''", "source,shell,read"},
      {"s", "source,shell"},
      {"--", "--output,--quiet"},
      {"source ''", "add"},
      {"--quiet source ''", "add"},
      {"--output json source ''", "add"},
      {"--output=json source ''", "add"},
      {"source add x --", "--output,--quiet,--kind"},
      {"source add x --kind ''", "region,school"},
      {"source add x --kind = s", "school"},
      {"source add x --kind =", "region,school"},
      {"source add x --output ''", "table,json"},
      {"shell ''", "bash,zsh"},
      {"shell bash ''", "second"},
      {"shell --quiet bash ''", "second"},
      {"read a", "a file.csv"},
      {"read --nothing", ""},
      // No server is there, and an id to make is no file.
      {"source add ''", ""},
  };
  std::string script =
      "cd " + folder +
      "; PATH=/nowhere:/usr/bin:/bin; . ./gradmatch.bash\n"
      "try() { COMP_WORDS=(gradmatch \"$@\"); COMP_CWORD=$#; _gradmatch; "
      "(IFS=,; echo \"${COMPREPLY[*]}\"); }\n";
  std::string want;
  for (const auto& [words, offered] : cases) {
    script += "try " + words + "\n";
    want += offered + "\n";
  }
  std::ofstream(folder + "/try.sh") << script;
  const auto pid =
      SpawnProgram("/bin/bash", {folder + "/try.sh"}, folder + "/out");
  ASSERT_TRUE(pid.ok()) << pid.status();
  EXPECT_EQ(WaitProgram(*pid), 0);
  EXPECT_EQ(Text(folder + "/out"), want);
  std::filesystem::remove_all(folder);
}

// Seconds of a setting such as "TimeoutStopSec=12min".
int Seconds(const std::string& unit, const std::string& setting) {
  std::smatch match;
  if (!std::regex_search(unit, match,
                         std::regex("\n" + setting + "=(\\d+)(min)?\n"))) {
    return -1;
  }
  return std::stoi(match[1]) * (match[2].matched ? 60 : 1);
}

bool Allowed(const std::string& option, int seconds) {
  return LoadOptions({.flags = {{option, absl::StrCat(seconds, "s"), "--set"}}})
      .ok();
}

// The longest drain that can be set must end before systemd kills.
TEST(UnitTest, StoppingWaitsForTheLongestDrain) {
  const int stop =
      Seconds(Text("server/packaging/gradmatch.service"), "TimeoutStopSec");
  ASSERT_GT(stop, 0);
  int notice = 0;
  while (Allowed("server.drain_notice", notice + 1)) ++notice;
  int drain = 0;
  while (Allowed("server.drain_timeout", drain + 1)) ++drain;
  EXPECT_GT(notice, 0);
  EXPECT_GT(drain, 0);
  EXPECT_GT(stop, notice + drain);
}

// The packaged configuration is taken, also with its comments taken off.
TEST(PackageTest, TheShippedConfigurationIsTaken) {
  const std::string text = Text("server/packaging/gradmatch.yaml");
  for (const std::string& form :
       {text, std::regex_replace(
                  text, std::regex("(^|\n)#(privacy:|  [a-z_]+:)"), "$1$2")}) {
    const auto loaded =
        LoadOptions({.file_path = "gradmatch.yaml", .file_text = form});
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    EXPECT_EQ(loaded->options.storage.data_dir, "/var/lib/gradmatch");
    EXPECT_EQ(loaded->options.privacy.seal_key_file.empty(), form == text);
  }
}

}  // namespace
}  // namespace gradmatch
