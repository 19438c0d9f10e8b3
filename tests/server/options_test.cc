#include "server/options.h"

#include <algorithm>

#include "gtest/gtest.h"
#include "index/base/error.h"

namespace gradmatch {
namespace {

const OptionValue& Find(const LoadedOptions& loaded, const std::string& name) {
  const auto it =
      std::find_if(loaded.values.begin(), loaded.values.end(),
                   [&](const OptionValue& v) { return v.name == name; });
  EXPECT_NE(it, loaded.values.end()) << name;
  return *it;
}

TEST(OptionsTest, DefaultsAreInForceAndListedByName) {
  const auto loaded = LoadOptions({});
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->options.server.grpc_listen, "127.0.0.1:50051");
  EXPECT_TRUE(std::is_sorted(
      loaded->values.begin(), loaded->values.end(),
      [](const auto& a, const auto& b) { return a.name < b.name; }));
  for (const OptionValue& value : loaded->values) {
    EXPECT_EQ(value.value, value.default_value) << value.name;
    EXPECT_EQ(value.origin, OptionOrigin::kDefault) << value.name;
    EXPECT_FALSE(value.help.empty()) << value.name;
  }
}

// Every default must itself be accepted.
TEST(OptionsTest, PrintedValuesParseBack) {
  const auto loaded = LoadOptions({});
  ASSERT_TRUE(loaded.ok());
  OptionSources sources;
  for (const OptionValue& value : loaded->values) {
    sources.flags.push_back({value.name, value.value, "--set"});
  }
  const auto again = LoadOptions(sources);
  ASSERT_TRUE(again.ok()) << again.status();
  for (size_t i = 0; i < loaded->values.size(); ++i) {
    EXPECT_EQ(again->values[i].value, loaded->values[i].value);
  }
}

TEST(OptionsTest, FlagWinsOverEnvironmentOverFileOverDefault) {
  OptionSources sources;
  sources.file_path = "g.yaml";
  sources.file_text =
      "server:\n  workers: 3\n  max_queued: 33\n"
      "  max_in_flight: 333\n";
  sources.environment = {{"GRADMATCH__SERVER__WORKERS", "4"},
                         {"GRADMATCH__SERVER__MAX_QUEUED", "44"},
                         {"PATH", "/bin"}};
  sources.flags = {{"server.workers", "5", "--set"}};
  const auto loaded = LoadOptions(sources);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->options.server.workers, 5);
  EXPECT_EQ(loaded->options.server.max_queued, 44);
  EXPECT_EQ(loaded->options.server.max_in_flight, 333);
  EXPECT_EQ(Find(*loaded, "server.workers").origin_detail, "--set");
  EXPECT_EQ(Find(*loaded, "server.max_queued").origin_detail,
            "GRADMATCH__SERVER__MAX_QUEUED");
  EXPECT_EQ(Find(*loaded, "server.max_in_flight").origin_detail, "g.yaml:4");
  EXPECT_EQ(Find(*loaded, "server.max_in_flight").origin, OptionOrigin::kFile);
}

struct RefusedCase {
  std::string name;
  std::string option;
  std::string value;
  std::string nearest;  // of an unknown name
};
class RefusedOptionTest : public testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedOptionTest, NamesOptionValueAndWhereItCameFrom) {
  OptionSources sources;
  sources.flags = {{GetParam().option, GetParam().value, "--set"}};
  const auto loaded = LoadOptions(sources);
  ASSERT_EQ(loaded.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string message(loaded.status().message());
  EXPECT_NE(message.find(GetParam().option), std::string::npos) << message;
  EXPECT_NE(message.find("--set"), std::string::npos) << message;
  const FieldError error = FieldErrorOf(loaded.status());
  EXPECT_EQ(error.value, GetParam().value);
  EXPECT_EQ(error.nearest, GetParam().nearest);
  EXPECT_EQ(error.allowed.empty(), !GetParam().nearest.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Cases, RefusedOptionTest,
    testing::ValuesIn<RefusedCase>({
        {"UnknownName", "server.worker", "1", "server.workers"},
        {"UnknownSection", "servr.workers", "1", "server.workers"},
        {"NoNumber", "server.workers", "many", ""},
        {"Negative", "server.workers", "-1", ""},
        {"TooLarge", "server.max_message_mb", "65", ""},
        {"NoDuration", "server.drain_timeout", "30", ""},
        {"NoBool", "server.reflection", "yes", ""},
        {"NoLevel", "log.level", "loud", ""},
        {"NoPath", "storage.data_dir", "", ""},
        {"EveryInterface", "server.grpc_listen", "0.0.0.0:50051", ""},
        {"EveryInterface6", "server.grpc_listen", "[::]:50051", ""},
        {"OtherHost", "server.grpc_listen", "10.1.2.3:50051", ""},
        {"HostThatBeginsLikeLoopback", "server.grpc_listen",
         "127.0.0.1.evil.example:1", ""},
        {"NoPort", "server.grpc_listen", "127.0.0.1", ""},
        {"BadPort", "server.grpc_listen", "127.0.0.1:70000", ""},
        {"OddDimension", "encoder.dimension", "100", ""},
    }),
    [](const auto& info) { return info.param.name; });

TEST(OptionsTest, LoopbackAddressesAreTaken) {
  for (const char* address :
       {"127.0.0.1:0", "127.9.9.9:1", "localhost:5", "[::1]:5"}) {
    OptionSources sources;
    sources.flags = {{"server.grpc_listen", address, "--set"}};
    EXPECT_TRUE(LoadOptions(sources).ok()) << address;
  }
}

TEST(OptionsTest, FileErrorsNameTheLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"server:\n  worker: 1\n", "f.yaml:2"},
      {"server:\n  workers: [1]\n", "f.yaml:2"},
      {"server: {workers: 1\n", "f.yaml"},
      {"a: 1\na: 2\n", "line 2"},
  };
  for (const auto& [text, where] : cases) {
    OptionSources sources;
    sources.file_path = "f.yaml";
    sources.file_text = text;
    const auto loaded = LoadOptions(sources);
    ASSERT_FALSE(loaded.ok()) << text;
    EXPECT_NE(std::string(loaded.status().message()).find(where),
              std::string::npos)
        << loaded.status();
  }
}

TEST(OptionsTest, AnEmptyFileChangesNothingAndAFolderIsNoFile) {
  const auto empty = ReadOptionSources("/dev/null");
  ASSERT_TRUE(empty.ok()) << empty.status();
  EXPECT_EQ(empty->file_text, "");
  EXPECT_TRUE(LoadOptions(*empty).ok());
  EXPECT_EQ(ReadOptionSources("/").status().code(),
            absl::StatusCode::kNotFound);
}

TEST(OptionsTest, MissingFileIsNotFound) {
  EXPECT_EQ(ReadOptionSources("/nowhere/g.yaml").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace gradmatch
