// Data folders that programs of earlier formats wrote (make_data_folder),
// opened by this one: it gives the answers that they gave, and goes on from
// there.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "gradmatch/v1/push_service.grpc.pb.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/format.h"
#include "tests/fakes/temp_folder.h"
#include "tools/gradmatch/client.h"
#include "tools/process/server_process.h"

namespace gradmatch {
namespace {

using google::protobuf::util::MessageDifferencer;

struct Golden {
  std::string name;
  int format = 0;
};

class UpgradeTest : public testing::TestWithParam<Golden> {
 protected:
  void SetUp() override {
    const std::string archive =
        absl::StrCat(GOLDEN_DATA, "/", GetParam().name, ".tar.gz");
    ASSERT_EQ(std::system(absl::StrCat("tar -xzf '", archive, "' -C '",
                                       temp_.path(), "'")
                              .c_str()),
              0);
    const auto format = ParseFormat(Format());
    ASSERT_TRUE(format.ok()) << format.status();
    ASSERT_EQ(format->format_version, GetParam().format)
        << "else this tests nothing";
    ReadAnswers();
    Start();
  }

  void Start() {
    server_.reset();
    auto server = ServerProcess::Start({.program = GRADMATCHD,
                                        .data_dir = temp_ / "data",
                                        .log_file = temp_ / "log",
                                        .set = {}});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    options_.endpoint = server_->endpoint();
    client_ = std::make_unique<Client>(options_);
  }

  std::string Format() const {
    std::ifstream in(temp_ / "data/FORMAT");
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }

  void ReadAnswers() {
    std::ifstream in(
        absl::StrCat(GOLDEN_DATA, "/", GetParam().name, ".answers"));
    for (std::string line; std::getline(in, line);) {
      const size_t tab = line.find('\t');
      answers_[line.substr(0, tab)].push_back(line.substr(tab + 1));
    }
  }

  // Every field that the old program answered has the same value now.
  template <typename Service, typename Request, typename Message>
  void ExpectAsBefore(const std::string& kind,
                      grpc::Status (Service::Stub::*get)(grpc::ClientContext*,
                                                         const Request&,
                                                         Message*),
                      size_t least) {
    ASSERT_GE(answers_[kind].size(), least) << kind;
    for (const std::string& json : answers_[kind]) {
      Message before;
      const auto parsed =
          google::protobuf::util::JsonStringToMessage(json, &before);
      ASSERT_TRUE(parsed.ok()) << parsed << "\n" << json;
      Request request;
      request.set_name(before.name());
      Message now;
      const absl::Status status = client_->Call<Service>(get, request, now);
      ASSERT_TRUE(status.ok()) << before.name() << ": " << status;
      MessageDifferencer differencer;
      differencer.set_scope(MessageDifferencer::PARTIAL);
      std::string differences;
      differencer.ReportDifferencesToString(&differences);
      EXPECT_TRUE(differencer.Compare(before, now)) << before.name() << "\n"
                                                    << differences;
    }
  }

  std::vector<v1::PushItem> Items(const std::string& run) {
    v1::ListPushItemsRequest request;
    request.set_parent("pushRuns/" + run);
    request.set_page_size(1'000);
    v1::ListPushItemsResponse response;
    const absl::Status status = client_->Call<v1::PushService>(
        &v1::PushService::Stub::ListPushItems, request, response);
    EXPECT_TRUE(status.ok()) << status;
    return {response.push_items().begin(), response.push_items().end()};
  }

  const TempFolder temp_;
  std::map<std::string, std::vector<std::string>> answers_;
  GlobalOptions options_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Client> client_;
};

TEST_P(UpgradeTest, AnswersAsBefore) {
  const auto format = ParseFormat(Format());
  ASSERT_TRUE(format.ok()) << format.status();
  EXPECT_EQ(format->format_version, kFormatVersion) << "upgraded";
  for (const bool again : {false, true}) {
    SCOPED_TRACE(again);
    ExpectAsBefore<v1::SourceService>("source",
                                      &v1::SourceService::Stub::GetSource, 30);
    ExpectAsBefore<v1::PostingService>(
        "posting", &v1::PostingService::Stub::GetPosting, 30);
    ExpectAsBefore<v1::GraduateService>(
        "graduate", &v1::GraduateService::Stub::GetGraduate, 10);
    ExpectAsBefore<v1::PushService>("plan", &v1::PushService::Stub::GetPushPlan,
                                    1);
    ExpectAsBefore<v1::PushService>("run", &v1::PushService::Stub::GetPushRun,
                                    1);
    if (again) break;
    ASSERT_EQ(server_->Stop(), 0);
    ASSERT_NO_FATAL_FAILURE(Start());
  }
  const std::vector<v1::PushItem> items = Items("golden");
  ASSERT_EQ(items.size(), answers_["item"].size());
  ASSERT_GT(items.size(), 0);
  for (size_t i = 0; i < items.size(); ++i) {
    v1::PushItem before;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(answers_["item"][i],
                                                            &before)
                    .ok());
    MessageDifferencer differencer;
    differencer.set_scope(MessageDifferencer::PARTIAL);
    EXPECT_TRUE(differencer.Compare(before, items[i])) << before.name();
  }
}

// The ledger and what people decided count, not only what can be read.
TEST_P(UpgradeTest, GoesOnFromThere) {
  std::set<std::pair<std::string, std::string>> told;
  for (const v1::PushItem& item : Items("golden")) {
    told.emplace(item.graduate(), item.posting());
  }
  v1::RunPushPlanRequest run;
  run.set_name("pushPlans/nightly");
  run.set_push_run_id("after");
  google::longrunning::Operation operation;
  absl::Status status = client_->Call<v1::PushService>(
      &v1::PushService::Stub::RunPushPlan, run, operation);
  ASSERT_TRUE(status.ok()) << status;
  v1::PushRun ran;
  for (int i = 0; i < 200 && ran.state() != v1::PushRun::STATE_READY; ++i) {
    v1::GetPushRunRequest get;
    get.set_name("pushRuns/after");
    status = client_->Call<v1::PushService>(&v1::PushService::Stub::GetPushRun,
                                            get, ran);
    ASSERT_TRUE(status.ok()) << status;
    absl::SleepFor(absl::Milliseconds(50));
  }
  ASSERT_EQ(ran.state(), v1::PushRun::STATE_READY);
  std::set<std::string> silent;
  for (const std::string& json : answers_["graduate"]) {
    v1::Graduate graduate;
    ASSERT_TRUE(
        google::protobuf::util::JsonStringToMessage(json, &graduate).ok());
    const v1::Preferences& preferences = graduate.preferences();
    if ((preferences.has_push() && !preferences.push()) ||
        graduate.lifecycle() != v1::Graduate::LIFECYCLE_ACTIVE) {
      silent.insert(graduate.name());
    }
  }
  EXPECT_GE(silent.size(), 2);
  for (const v1::PushItem& item : Items("after")) {
    EXPECT_FALSE(told.contains({item.graduate(), item.posting()}))
        << item.graduate() << " was told about " << item.posting() << " before";
    EXPECT_FALSE(silent.contains(item.graduate())) << item.graduate();
  }
  for (const std::string& json : answers_["erased"]) {
    v1::CreateGraduateRequest create;
    v1::Graduate erased;
    ASSERT_TRUE(
        google::protobuf::util::JsonStringToMessage(json, &erased).ok());
    create.set_graduate_id(erased.name().substr(erased.name().rfind('/') + 1));
    create.mutable_graduate()->mutable_profile()->add_skills("Java");
    EXPECT_EQ(ReasonOf(client_->Call<v1::GraduateService>(
                  &v1::GraduateService::Stub::CreateGraduate, create, erased)),
              "GRADUATE_ERASED");
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, UpgradeTest,
                         testing::ValuesIn<Golden>({{"data_v1", 1},
                                                    {"data_v2", 2}}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace gradmatch
