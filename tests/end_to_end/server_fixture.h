#ifndef GRADMATCH_TESTS_END_TO_END_SERVER_FIXTURE_H_
#define GRADMATCH_TESTS_END_TO_END_SERVER_FIXTURE_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "gradmatch/v1/admin_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "tools/gradmatch/client.h"
#include "tools/process/server_process.h"

namespace gradmatch {

// A real gradmatchd on a folder of its own, as a process; GRADMATCHD and
// GRADMATCH are the paths of the programs (CMakeLists.txt).
class ServerFixture : public testing::Test {
 protected:
  void SetUp() override {
    const testing::TestInfo& test =
        *testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "/gradmatch_" + test.test_suite_name() +
              "_" + test.name() + "_" + std::to_string(getpid());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    server_.reset();
    if (!HasFailure()) std::filesystem::remove_all(folder_);
  }

  void Start() {
    auto server = ServerProcess::Start({.program = GRADMATCHD,
                                        .data_dir = folder_ + "/data",
                                        .log_file = folder_ + "/log",
                                        .set = {}});
    ASSERT_TRUE(server.ok()) << server.status() << "\n" << Text("log");
    server_ = *std::move(server);
    options_.endpoint = server_->endpoint();
    options_.timeout_seconds = 60;
    client_ = std::make_unique<Client>(options_);
  }

  v1::ServerInfo Info() {
    v1::ServerInfo info;
    const absl::Status status =
        client_->Call<v1::AdminService>(&v1::AdminService::Stub::GetServerInfo,
                                        v1::GetServerInfoRequest(), info);
    EXPECT_TRUE(status.ok()) << status;
    return info;
  }

  // A file of the test's folder.
  std::string Text(const std::string& name) const {
    std::ifstream in(folder_ + "/" + name, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
  }

  struct Ran {
    int code;
    std::string output;  // both streams
  };
  // Runs a line of shell with `gradmatch` on the path.
  Ran Shell(const std::string& line) {
    const std::string bin =
        std::filesystem::path(GRADMATCH).parent_path().string();
    const std::string out = folder_ + "/out" + std::to_string(++runs_);
    const auto pid = SpawnProgram(
        "/bin/sh",
        {"-c", "cd " + folder_ + "; PATH=" + bin +
                   ":$PATH; export GRADMATCH_ENDPOINT=" +
                   (server_ ? server_->endpoint() : "127.0.0.1:1") + "; " +
                   line},
        out);
    EXPECT_TRUE(pid.ok()) << pid.status();
    const int code = WaitProgram(*pid);
    std::ifstream in(out);
    std::stringstream text;
    text << in.rdbuf();
    return {code, text.str()};
  }

  std::string folder_;
  GlobalOptions options_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Client> client_;
  int runs_ = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_END_TO_END_SERVER_FIXTURE_H_
