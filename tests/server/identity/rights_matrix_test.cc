// The matrix of rights: every method of the API x everybody who may call it or
// may not, over a real socket. A method without a row in access_rules.h fails,
// and so does a row without a method.
#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"
#include "gradmatch/v1/token_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "server/identity/access_rules.h"
#include "tests/server/any_call.h"
#include "tests/server/identity/identity_world.h"
#include "tests/server/identity/role_requests.h"

namespace gradmatch {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr CallerRole kRoles[] = {CallerRole::kPlatform,  CallerRole::kSource,
                                 CallerRole::kOperator,  CallerRole::kStaff,
                                 CallerRole::kScientist, CallerRole::kViewer};

const RoleRule* RuleFor(const std::string& method, CallerRole role) {
  const AccessRule* rule = FindAccessRule(method);
  if (rule == nullptr) return nullptr;
  for (const RoleRule& one : rule->roles) {
    if (one.role == role) return &one;
  }
  return nullptr;
}

class RightsMatrixTest
    : public testing::TestWithParam<const MethodDescriptor*> {
 protected:
  static void SetUpTestSuite() {
    world_ = new IdentityWorld();
    MakeUseless();
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  // Tokens that do not work, each for a platform, which could do most.
  static void MakeUseless() {
    const v1::Token platform = world_->TokenOf("platform");
    revoked_ = world_->Issue(platform, "revoked").bearer();
    const auto stub = v1::TokenService::NewStub(
        world_->server().ChannelWith(world_->bootstrap()));
    v1::RevokeTokenRequest revoke;
    revoke.set_name("tokens/revoked");
    v1::Token token;
    ASSERT_TRUE(
        world_->server()
            .Call(stub, &v1::TokenService::Stub::RevokeToken, revoke, token)
            .ok());
    v1::Token brief = platform;
    brief.mutable_expire_time()->set_seconds(
        absl::ToUnixSeconds(world_->server().clock().Now()) + 60);
    expired_ = world_->Issue(brief, "expired").bearer();
    world_->server().clock().Advance(absl::Seconds(61));
    wrong_ = world_->Bearer("platform");
    wrong_.back() = wrong_.back() == '0' ? '1' : '0';
    unknown_ = "gm_nobody_" + std::string(64, 'a');
  }

  std::string method() const { return ShortName(*GetParam()); }
  // Whether a right call can leave something to restore.
  bool Changes() const {
    static constexpr const char* kReads[] = {
        "Get",     "List",  "Match",  "Search", "Check",     "Explain",
        "Resolve", "Cross", "Stream", "Wait",   "BatchMatch"};
    return std::none_of(std::begin(kReads), std::end(kReads),
                        [this](const char* read) {
                          return absl::StartsWith(GetParam()->name(), read);
                        });
  }

  std::unique_ptr<Message> Right(CallerRole role) {
    auto request = NewRequest(*GetParam());
    const std::string json = world_->Fill(RightRequestFor(role, method()));
    const auto parsed =
        google::protobuf::util::JsonStringToMessage(json, request.get());
    EXPECT_TRUE(parsed.ok()) << parsed << " in " << json;
    return request;
  }

  // "OK", or "CODE REASON".
  std::string Try(const std::shared_ptr<grpc::Channel>& channel,
                  const Message& request) {
    const absl::Status status = CallAny(channel, *GetParam(), request);
    if (status.ok()) return "OK";
    return absl::StrCat(absl::StatusCodeToString(status.code()), " ",
                        ReasonOf(status));
  }
  std::string TryWith(const std::string& bearer, const Message& request) {
    return Try(world_->server().ChannelWith(bearer), request);
  }

  static IdentityWorld* world_;
  static std::string revoked_, expired_, wrong_, unknown_;
};
IdentityWorld* RightsMatrixTest::world_ = nullptr;
std::string RightsMatrixTest::revoked_;
std::string RightsMatrixTest::expired_;
std::string RightsMatrixTest::wrong_;
std::string RightsMatrixTest::unknown_;

TEST_P(RightsMatrixTest, WhoHasNoWorkingTokenIsRefused) {
  const auto request = Right(CallerRole::kPlatform);
  const struct {
    const char* name;
    std::string bearer;
    const char* want;
  } cases[] = {
      {"nobody", "", "UNAUTHENTICATED TOKEN_MISSING"},
      {"no token", "hello", "UNAUTHENTICATED TOKEN_INVALID"},
      {"unknown", unknown_, "UNAUTHENTICATED TOKEN_INVALID"},
      {"wrong secret", wrong_, "UNAUTHENTICATED TOKEN_INVALID"},
      {"expired", expired_, "UNAUTHENTICATED TOKEN_EXPIRED"},
      {"revoked", revoked_, "UNAUTHENTICATED TOKEN_REVOKED"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(TryWith(one.bearer, *request), one.want) << one.name;
  }
}

TEST_P(RightsMatrixTest, EveryOtherRoleIsRefused) {
  for (const CallerRole role : kRoles) {
    if (RuleFor(method(), role) != nullptr) continue;
    EXPECT_EQ(Try(world_->ChannelOf(CallerIn(role)), *Right(role)),
              "PERMISSION_DENIED PERMISSION_DENIED")
        << CallerRoleName(role);
  }
}

TEST_P(RightsMatrixTest, AnotherTenantIsRefused) {
  for (const CallerRole role : {CallerRole::kSource, CallerRole::kStaff}) {
    const RoleRule* rule = RuleFor(method(), role);
    if (rule == nullptr || rule->bounds.empty()) continue;
    EXPECT_EQ(Try(world_->ChannelOf(OtherCallerIn(role)), *Right(role)),
              "PERMISSION_DENIED TENANT_DENIED")
        << CallerRoleName(role);
  }
}

TEST_P(RightsMatrixTest, ATokenNarrowedToSomethingElseIsRefused) {
  // What every role may call, and for the codes themselves something else.
  for (const CallerRole role : kRoles) {
    if (RuleFor(method(), role) == nullptr) continue;
    v1::Token token = world_->TokenOf(CallerIn(role));
    token.add_scopes(method() == "CodeService.ListCodes"
                         ? "CodeService.ListCodeSystems"
                         : "CodeService.ListCodes");
    EXPECT_EQ(TryWith(world_->Issue(token).bearer(), *Right(role)),
              "PERMISSION_DENIED SCOPE_DENIED")
        << CallerRoleName(role);
  }
}

// Last, since it changes what is there. Without it the refusals above would
// prove nothing.
TEST_P(RightsMatrixTest, WhoeverMayIsLetIn) {
  ASSERT_NE(FindAccessRule(method()), nullptr)
      << method() << " has no row in access_table.cc";
  int let_in = 0;
  for (const CallerRole role : kRoles) {
    if (RuleFor(method(), role) == nullptr) continue;
    if (Changes()) world_->Restore();
    EXPECT_EQ(Try(world_->ChannelOf(CallerIn(role)), *Right(role)), "OK")
        << CallerRoleName(role);
    // Narrowed to just this, too.
    if (Changes()) world_->Restore();
    v1::Token token = world_->TokenOf(CallerIn(role));
    token.add_scopes(method());
    EXPECT_EQ(TryWith(world_->Issue(token).bearer(), *Right(role)), "OK")
        << "narrowed " << CallerRoleName(role);
    ++let_in;
  }
  EXPECT_GT(let_in, 0) << "nobody may call " << method();
}

INSTANTIATE_TEST_SUITE_P(Methods, RightsMatrixTest,
                         testing::ValuesIn(AllMethods()), [](const auto& info) {
                           return absl::StrCat(info.param->service()->name(),
                                               "_", info.param->name());
                         });

// The field of a request that a bound names.
bool HasField(const google::protobuf::Descriptor* type,
              const std::string& path) {
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    if (type == nullptr) return false;
    const auto* field = type->FindFieldByName(std::string(name));
    if (field == nullptr) return false;
    type = field->message_type();
  }
  return type == nullptr;  // a text at its end
}

TEST(AccessTableTest, HasARowForEveryMethodAndNoOther) {
  std::set<std::string> known = {"Health.Check", "Health.Watch",
                                 "ServerReflection.ServerReflectionInfo"};
  for (const MethodDescriptor* method : AllMethods()) {
    const std::string name = ShortName(*method);
    known.insert(name);
    const AccessRule* rule = FindAccessRule(name);
    ASSERT_NE(rule, nullptr) << name << " has no row in access_table.cc";
    EXPECT_FALSE(rule->open) << name;
    for (const RoleRule& role : rule->roles) {
      for (const BoundField& bound : role.bounds) {
        EXPECT_TRUE(HasField(method->input_type(), std::string(bound.field)))
            << name << " has no text " << bound.field;
      }
    }
  }
  for (const AccessRule& rule : AccessRules()) {
    EXPECT_EQ(known.count(std::string(rule.method)), 1u) << rule.method;
  }
}

}  // namespace
}  // namespace gradmatch
