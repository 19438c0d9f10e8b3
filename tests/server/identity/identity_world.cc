#include "tests/server/identity/identity_world.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "google/longrunning/operations.pb.h"
#include "gradmatch/v1/token_service.grpc.pb.h"
#include "index/file_system.h"

namespace gradmatch {
namespace {

[[noreturn]] void Die(const std::string& what, const std::string& why) {
  std::fprintf(stderr, "identity world: %s: %s\n", what.c_str(), why.c_str());
  std::abort();
}

struct Who {
  v1::Token::Role role;
  const char* tenant;
};
const std::map<std::string, Who>& All() {
  static const auto& all = *new std::map<std::string, Who>{
      {"platform", {v1::Token::ROLE_PLATFORM, ""}},
      {"source", {v1::Token::ROLE_SOURCE, "sources/gd"}},
      {"other source", {v1::Token::ROLE_SOURCE, "sources/other"}},
      {"staff", {v1::Token::ROLE_STAFF, "staff/s-1"}},
      {"other staff", {v1::Token::ROLE_STAFF, "staff/s-3"}},
      {"operator", {v1::Token::ROLE_OPERATOR, ""}},
      {"scientist", {v1::Token::ROLE_SCIENTIST, ""}},
      {"viewer", {v1::Token::ROLE_VIEWER, ""}}};
  return all;
}

constexpr char kOwnContent[] = R"({
  "content": {
    "name": "contents/gd.c-1", "kind": "CONTENT_KIND_POLICY",
    "title": "广东就业补贴", "text": "毕业生可以申请补贴。",
    "source": "sources/gd", "state": "STATE_OPEN",
    "publishTime": "2026-02-01T00:00:00Z"},
  "updateMask": "*", "allowMissing": true})";

constexpr char kElsewhere[] = R"({
  "graduate": {
    "name": "graduates/g-elsewhere",
    "profile": {"educations": [{
        "level": "EDUCATION_LEVEL_BACHELOR",
        "school": {"system": "school", "code": "4111010001"},
        "majors": [{"system": "undergraduate", "code": "080902"}],
        "graduationTime": "2026-06-30T16:00:00Z"}]}},
  "updateMask": "profile", "allowMissing": true})";

}  // namespace

IdentityWorld::IdentityWorld(const TestServer::Settings& settings) {
  TestServer::Settings all = TestWorld::Settings(folder_.path());
  all["auth.mode"] = "tokens";
  all["auth.bootstrap_file"] = bootstrap_file();
  // Tests fail on purpose, and often.
  all["auth.failures_per_minute"] = "0";
  for (const auto& [name, value] : settings) all[name] = value;
  server_ = std::make_unique<TestServer>(all);
  const auto written = ReadFile(bootstrap_file());
  if (!written.ok()) Die("bootstrap", written.status().ToString());
  bootstrap_ = std::string(absl::StripSuffix(*written, "\n"));
  // Those of tenants need their tenant first.
  server_->UseBearer(Bearer("platform"));
  world_ =
      std::make_unique<TestWorld>(*server_, server_->ChannelWith(bootstrap_));
  server_->AddSource("other");
  Restore();
}

IdentityWorld::~IdentityWorld() = default;

void IdentityWorld::Do(const std::string& method, const std::string& json,
                       google::protobuf::Message* response) {
  const absl::Status status = world_->Call(method, json, response);
  if (!status.ok()) Die(method, status.ToString());
}

v1::Token IdentityWorld::TokenOf(const std::string& who) const {
  const auto it = All().find(who);
  if (it == All().end()) Die("nobody is called", who);
  v1::Token token;
  token.set_role(it->second.role);
  token.set_tenant(it->second.tenant);
  return token;
}

v1::IssuedToken IdentityWorld::Issue(const v1::Token& token,
                                     const std::string& id) {
  const auto stub = v1::TokenService::NewStub(server_->ChannelWith(bootstrap_));
  v1::CreateTokenRequest request;
  *request.mutable_token() = token;
  request.set_token_id(id);
  v1::IssuedToken issued;
  const absl::Status status = server_->Call(
      stub, &v1::TokenService::Stub::CreateToken, request, issued);
  if (!status.ok()) Die("CreateToken", status.ToString());
  return issued;
}

const std::string& IdentityWorld::Bearer(const std::string& who) {
  const auto it = bearers_.find(who);
  if (it != bearers_.end()) return it->second;
  return bearers_[who] = Issue(TokenOf(who)).bearer();
}

void IdentityWorld::Restore() {
  world_->Restore();
  if (recall_.empty() ||
      !world_->Call("Operations.GetOperation", Fill(R"({"name": "$RECALL"})"))
           .ok()) {
    google::longrunning::Operation measuring;
    Do("IndexService.MeasureRecall",
       R"({"name": "indexes/postings", "sample": 1, "k": [1], "seed": "7"})",
       &measuring);
    recall_ = measuring.name();
  }
  Do("ContentService.UpdateContent", kOwnContent);
  Do("GraduateService.UpdateGraduate", kElsewhere);
  Do("StaffService.UpdateStaff",
     R"({"staff": {"name": "staff/s-3", "kind": "KIND_COUNSELLOR",
         "schools": ["4111010001"]}, "updateMask": "kind,schools",
         "allowMissing": true})");
  // The world's caller may not make these.
  const auto stub = v1::TokenService::NewStub(server_->ChannelWith(bootstrap_));
  for (const std::string& id : {std::string("world"), world_->fresh() + "-r"}) {
    v1::CreateTokenRequest request;
    request.set_token_id(id);
    request.mutable_token()->set_role(v1::Token::ROLE_VIEWER);
    v1::IssuedToken issued;
    server_->Call(stub, &v1::TokenService::Stub::CreateToken, request, issued)
        .IgnoreError();  // the first is there
  }
}

std::string IdentityWorld::Fill(const std::string& text) const {
  return world_->Fill(absl::StrReplaceAll(text, {{"$RECALL", recall_}}));
}

}  // namespace gradmatch
