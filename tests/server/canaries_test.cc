// Nothing that callers send is written where operators read: a thousand
// canaries, in every text field of every method, in what is taken and in what
// is refused, over gRPC and HTTP; then all that was logged or counted is
// searched, of ours, of gRPC, of protobuf and of the store.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/util/json_util.h"
#include "grpc/support/log.h"
#include "index/base/mutex.h"
#include "tests/server/any_call.h"
#include "tests/server/http/http_client.h"
#include "tests/server/method_rows.h"
#include "tests/server/request_faults.h"
#include "tests/server/test_server.h"
#include "tests/server/test_world.h"

namespace gradmatch {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// Not a word of any data, so that finding it is finding a canary.
constexpr char kMark[] = "qzxkw";

// What the libraries say, through the same hooks that the server sets.
class LibraryLog {
 public:
  LibraryLog() {
    here_ = this;
    gpr_set_log_verbosity(GPR_LOG_SEVERITY_DEBUG);
    gpr_set_log_function(
        [](gpr_log_func_args* args) { here_->Add(args->message); });
    google::protobuf::SetLogHandler(
        [](google::protobuf::LogLevel, const char*, int,
           const std::string& message) { here_->Add(message); });
  }
  ~LibraryLog() {
    gpr_set_log_function(nullptr);
    google::protobuf::SetLogHandler(nullptr);
  }
  std::vector<std::string> lines() const {
    MutexLock lock(mu_);
    return lines_;
  }

 private:
  void Add(std::string line) {
    MutexLock lock(mu_);
    lines_.push_back(std::move(line));
  }
  static LibraryLog* here_;
  mutable Mutex mu_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mu_);
};
LibraryLog* LibraryLog::here_ = nullptr;

// A thousand and more, of the kinds that matter: names, numbers of identity
// cards and telephones, free words.
class Canaries {
 public:
  std::string Next() {
    const int n = ++count_;
    switch (n % 4) {
      case 0:
        return absl::StrFormat("张%s%06d", kMark, n);
      case 1:
        return absl::StrFormat("110101%s%06dX", kMark, n);
      case 2:
        return absl::StrFormat("139%s%06d", kMark, n);
      default:
        return absl::StrFormat("%s-%06d", kMark, n);
    }
  }
  int count() const { return count_; }

 private:
  int count_ = 0;
};

// Ids of sources, plans and runs are an operator's and are logged.
bool IsOperatorsId(const std::string& field) {
  return field == "source_id" || field == "push_plan_id" ||
         field == "push_run_id" || field == "run_id";
}

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class CanariesTest : public testing::Test {
 protected:
  CanariesTest() : server_(Settings()) { world_.emplace(server_); }

  std::string DataDir() const { return folder_ / "store"; }
  TestServer::Settings Settings() const {
    TestServer::Settings settings = TestWorld::Settings(folder_.path());
    settings["storage.data_dir"] = DataDir();
    return settings;
  }

  std::unique_ptr<Message> Right(const MethodDescriptor& method,
                                 const std::string& json) {
    auto request = NewRequest(method);
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(world_->Fill(json),
                                                            request.get())
                    .ok())
        << json;
    return request;
  }

  // Every text field of a method's right request: as a whole, as the last part
  // of a name, and behind what is there.
  void CallAll(const MethodDescriptor& method, const std::string& json) {
    const auto whole = [&](const std::string&) { return canaries_.Next(); };
    const auto last = [&](const std::string& text) {
      return absl::StrCat(text.substr(0, text.rfind('/') + 1),
                          canaries_.Next());
    };
    const auto behind = [&](const std::string& text) {
      return absl::StrCat(text, canaries_.Next());
    };
    world_->Restore();
    for (const std::function<std::string(const std::string&)>& put :
         {std::function<std::string(const std::string&)>(whole),
          std::function<std::string(const std::string&)>(last),
          std::function<std::string(const std::string&)>(behind)}) {
      const auto requests =
          WithTexts(*Right(method, json),
                    [&](const std::string& field, const std::string& text) {
                      return IsOperatorsId(field) ? text : put(text);
                    });
      for (const auto& request : requests) {
        const absl::Status status =
            CallAny(server_.channel(), method, *request);
        codes_.insert(status.code());
        if (status.ok()) world_->Restore();
      }
    }
  }

  void CallHttp() {
    for (const char* path :
         {"/v1/graduates/%s", "/v1/graduates/%s:matchPostings", "/v1/%s/%s",
          "/v1/sources/%s/postings?pageToken=%s", "/%s", "/v1/staff/%s",
          "/v1/sources/gd/postings/%s?x=%s"}) {
      for (const char* method : {"GET", "POST", "DELETE", "PATCH"}) {
        HttpClient client(server_.server().http_port());
        client.CallJson(method, Fill(path),
                        absl::StrCat("{\"", canaries_.Next(), "\": \"",
                                     canaries_.Next(), "\"}"),
                        {absl::StrCat("User-Agent: ", Ascii()),
                         absl::StrCat("Authorization: Bearer ", Ascii()),
                         absl::StrCat("X-Request-Timeout: ", Ascii()),
                         absl::StrCat("If-Match: ", Ascii())});
      }
    }
    HttpClient broken(server_.server().http_port());
    broken.Send(absl::StrCat(Ascii(), " / ", Ascii(), "\r\n\r\n"));
    broken.Read();
  }
  std::string Ascii() {
    canaries_.Next();
    return absl::StrCat(kMark, canaries_.count());
  }
  std::string Fill(std::string path) {
    for (size_t at; (at = path.find("%s")) != std::string::npos;) {
      path.replace(at, 2, Ascii());
    }
    return path;
  }

  // Everything that an operator reads.
  std::vector<std::string> WrittenByUs() {
    std::vector<std::string> written = server_.log_lines();
    for (const std::string& line : library_log_.lines()) {
      written.push_back(line);
    }
    HttpClient client(server_.server().http_port());
    for (const char* page : {"/metrics", "/healthz", "/readyz"}) {
      written.push_back(client.Call("GET", page).body);
    }
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(DataDir())) {
      const std::string name = entry.path().filename();
      if (absl::StartsWith(name, "LOG") || absl::StartsWith(name, "OPTIONS")) {
        written.push_back(ReadAll(entry.path()));
        ++store_logs_;
      }
    }
    return written;
  }

  // Files of the data folder that hold a canary: what was taken is there.
  int FilesWithCanaries() {
    int files = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(DataDir())) {
      if (!entry.is_regular_file()) continue;
      files += absl::StrContains(ReadAll(entry.path()), kMark) ? 1 : 0;
    }
    return files;
  }

  LibraryLog library_log_;
  const TempFolder folder_;
  TestServer server_;
  std::optional<TestWorld> world_;
  Canaries canaries_;
  std::set<absl::StatusCode> codes_;
  int store_logs_ = 0;
};

TEST_F(CanariesTest, NoneIsWrittenWhereOperatorsRead) {
  const auto methods = AllMethods();
  for (const MethodRow& row : MethodRows()) {
    const auto method = std::ranges::find_if(
        methods, [&](const auto* m) { return ShortName(*m) == row.method; });
    ASSERT_NE(method, methods.end()) << row.method;
    CallAll(**method, row.right);
  }
  CallHttp();
  testing::internal::CaptureStderr();
  const std::vector<std::string> written = WrittenByUs();
  const std::string stderr_text = testing::internal::GetCapturedStderr();

  // The canaries went in, on all sorts of paths.
  EXPECT_GE(canaries_.count(), 1'000);
  EXPECT_GT(FilesWithCanaries(), 0);
  EXPECT_GE(store_logs_, 2);
  for (const absl::StatusCode code :
       {absl::StatusCode::kOk, absl::StatusCode::kInvalidArgument,
        absl::StatusCode::kNotFound, absl::StatusCode::kAborted}) {
    EXPECT_TRUE(codes_.contains(code)) << absl::StatusCodeToString(code);
  }
  for (const std::string& text : written) {
    const size_t at = text.find(kMark);
    EXPECT_EQ(at, std::string::npos)
        << text.substr(at < 200 ? 0 : at - 200, 400);
  }
  EXPECT_FALSE(absl::StrContains(stderr_text, kMark));
  std::cout << canaries_.count() << " canaries, " << written.size()
            << " texts searched\n";
}

// The search finds what is there: the same canary in a log line, and in what a
// library says.
TEST_F(CanariesTest, OneThatIsLoggedIsFound) {
  gpr_log(GPR_ERROR, "said %s", canaries_.Next().c_str());
  bool found = false;
  for (const std::string& text : WrittenByUs()) {
    found = found || absl::StrContains(text, kMark);
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace gradmatch
