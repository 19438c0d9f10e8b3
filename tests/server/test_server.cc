#include "tests/server/test_server.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "index/base/error.h"
#include "server/options.h"
#include "server/rpc_status.h"
#include "server/time_proto.h"
#include "tools/process/channel.h"

namespace gradmatch {
namespace {

void Require(const absl::Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "test server: %s: %s\n", what,
               status.ToString().c_str());
  std::abort();
}

v1::Code MakeCode(const char* system, const char* code) {
  v1::Code out;
  out.set_system(system);
  out.set_code(code);
  return out;
}

}  // namespace

void TestServer::Listen(const Settings& settings) {
  OptionSources sources;
  const Settings defaults = {{"storage.data_dir", folder_ / "data"},
                             {"server.grpc_listen", "127.0.0.1:0"},
                             {"server.http_listen", "127.0.0.1:0"},
                             {"server.drain_notice", "0s"},
                             {"storage.block_cache_mb", "8"},
                             {"storage.write_buffer_mb", "8"}};
  for (const auto& [name, value] : defaults) {
    sources.flags.push_back({name, value, "test"});
  }
  for (const auto& [name, value] : settings) {
    sources.flags.push_back({name, value, "test"});
  }
  auto options = LoadOptions(sources);
  Require(options.status(), "options");
  LogOptions log;
  log.format = "json";
  log.level = LogLevel::kDebug;
  log_ = std::make_unique<Logger>(log, [this](std::string_view line) {
    MutexLock lock(mu_);
    lines_.emplace_back(line);
  });
  auto server = Server::Listen(*std::move(options), clock_, *log_);
  Require(server.status(), "listen");
  server_ = *std::move(server);
  // A channel of its own: gRPC shares connections of equal channels.
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // Straight to it, also where a proxy is set for the web.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  channel_ =
      grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                grpc::InsecureChannelCredentials(), arguments);
}

std::shared_ptr<grpc::Channel> TestServer::ChannelWith(
    const std::string& bearer) {
  ChannelSecurity security;
  security.token = bearer;
  return OpenChannel(absl::StrCat("127.0.0.1:", server_->port()), security);
}

void TestServer::UseBearer(const std::string& bearer) {
  channel_ = ChannelWith(bearer);
}

void TestServer::Load() { Require(server_->Load(), "load"); }

void TestServer::Start(const Settings& settings) {
  Listen(settings);
  Load();
}

void TestServer::Stop() {
  channel_.reset();
  server_.reset();
}

std::vector<std::string> TestServer::log_lines() const {
  MutexLock lock(mu_);
  return lines_;
}

void TestServer::AddSource(const std::string& id) {
  v1::CreateSourceRequest request;
  request.set_source_id(id);
  request.mutable_source()->set_display_name("测试来源");
  v1::Source response;
  Require(Call(sources(), &v1::SourceService::Stub::CreateSource, request,
               response),
          "add source");
}

absl::Status TestServer::FromWire(const grpc::Status& status) {
  return FromGrpcStatus(status);
}

v1::Posting GoodPosting(const std::string& source_posting_id) {
  v1::Posting posting;
  posting.set_source_posting_id(source_posting_id);
  posting.set_title("软件工程师");
  posting.mutable_employer()->set_name(
      absl::StrCat("深圳市示例科技有限公司", source_posting_id));
  *posting.add_locations()->mutable_region() = MakeCode("region", "440300");
  posting.mutable_education()->set_min_level(v1::EDUCATION_LEVEL_BACHELOR);
  posting.mutable_salary()->set_min_monthly(8'000);
  posting.mutable_salary()->set_max_monthly(12'000);
  posting.set_openings(3);
  posting.set_description("负责后端服务的开发与维护，熟悉 Java 和 SQL。");
  *posting.mutable_expire_time() =
      ToTimestamp(absl::FromCivil(absl::CivilDay(2026, 6, 1), ChinaTime()));
  return posting;
}

v1::Graduate GoodGraduate() {
  v1::Graduate graduate;
  v1::Education& education = *graduate.mutable_profile()->add_educations();
  education.set_level(v1::EDUCATION_LEVEL_BACHELOR);
  *education.add_majors() = MakeCode("undergraduate", "080902");
  *education.mutable_graduation_time() =
      ToTimestamp(absl::FromCivil(absl::CivilDay(2026, 7, 1), ChinaTime()));
  *graduate.mutable_profile()->mutable_intent()->add_places() =
      MakeCode("region", "440300");
  graduate.mutable_profile()->add_skills("Java");
  return graduate;
}

std::string Summary(const absl::Status& status) {
  std::string out = absl::StatusCodeToString(status.code());
  const std::string reason = ReasonOf(status);
  const std::string field = FieldErrorOf(status).field;
  if (!reason.empty()) absl::StrAppend(&out, " ", reason);
  if (!field.empty()) absl::StrAppend(&out, " ", field);
  return out;
}

}  // namespace gradmatch
