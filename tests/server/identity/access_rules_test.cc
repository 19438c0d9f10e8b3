#include "server/identity/access_rules.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "gradmatch/v1/content_service.pb.h"
#include "gradmatch/v1/match_service.pb.h"
#include "gradmatch/v1/posting_service.pb.h"
#include "gradmatch/v1/source_service.pb.h"
#include "gradmatch/v1/staff_service.pb.h"
#include "index/base/error.h"

namespace gradmatch {
namespace {

Caller Source(const std::string& id) {
  return {.principal = "token/t", .role = CallerRole::kSource, .tenant = id};
}
Caller Staff(const std::string& id) {
  return {.principal = "token/t", .role = CallerRole::kStaff, .tenant = id};
}

std::string Reason(const absl::Status& status) {
  return status.ok() ? "OK" : ReasonOf(status);
}

TEST(AccessRulesTest, RowsAndRolesAreThereOnce) {
  std::set<std::string_view> methods;
  for (const AccessRule& rule : AccessRules()) {
    EXPECT_TRUE(methods.insert(rule.method).second) << rule.method;
    std::set<CallerRole> roles;
    for (const RoleRule& role : rule.roles) {
      EXPECT_TRUE(roles.insert(role.role).second) << rule.method;
    }
  }
}

TEST(AccessRulesTest, AMethodWithoutARowIsForNobody) {
  for (const CallerRole role :
       {CallerRole::kPlatform, CallerRole::kOperator, CallerRole::kViewer}) {
    const Caller caller{.principal = "x", .role = role};
    EXPECT_EQ(Reason(CheckRole(caller, "PostingService.Steal")),
              "PERMISSION_DENIED");
    EXPECT_EQ(Reason(CheckTenant(caller, "PostingService.Steal",
                                 v1::GetPostingRequest(), nullptr)),
              "PERMISSION_DENIED");
  }
  EXPECT_EQ(Reason(CheckRole(LocalCaller(),
                             "ServerReflection."
                             "ServerReflectionInfo")),
            "PERMISSION_DENIED");
}

// Roles with a tenant see no more than is theirs, but for what is listed here:
// public facts, lists that the handlers cut, and for staff the postings that
// they recommend.
TEST(AccessRulesTest, WhoHasATenantIsBoundToIt) {
  const std::set<std::string_view> unbound_for_source = {
      "CodeService.ListCodeSystems", "CodeService.ListCodes",
      "CodeService.ResolveCodes",    "CodeService.CrossCodes",
      "SourceService.ListSources",   "ContentService.ListContents"};
  const std::set<std::string_view> unbound_for_staff = {
      "CodeService.ListCodeSystems", "CodeService.ListCodes",
      "CodeService.ResolveCodes",    "CodeService.CrossCodes",
      "PostingService.GetPosting",   "PostingService.ListPostings",
      "ContentService.GetContent",   "ContentService.ListContents",
      "MatchService.SearchPostings"};
  for (const AccessRule& rule : AccessRules()) {
    for (const RoleRule& role : rule.roles) {
      if (!role.bounds.empty()) continue;
      if (role.role == CallerRole::kSource) {
        EXPECT_EQ(unbound_for_source.count(rule.method), 1u) << rule.method;
      }
      if (role.role == CallerRole::kStaff) {
        EXPECT_EQ(unbound_for_staff.count(rule.method), 1u) << rule.method;
      }
    }
  }
}

// Whoever is neither the platform nor staff reads no person's record.
TEST(AccessRulesTest, RecordsOfPeopleAreForPlatformAndStaff) {
  for (const AccessRule& rule : AccessRules()) {
    const std::string method(rule.method);
    if (method.rfind("GraduateService.", 0) != 0 &&
        method.rfind("FeedbackService.", 0) != 0) {
      continue;
    }
    for (const RoleRule& role : rule.roles) {
      EXPECT_EQ(role.role, CallerRole::kPlatform) << method;
    }
  }
}

struct NameCase {
  std::string name;
  std::string value;
  std::string want;
};
class OwnPostingTest : public testing::TestWithParam<NameCase> {};

TEST_P(OwnPostingTest, IsJudgedByItsText) {
  v1::GetPostingRequest request;
  request.set_name(GetParam().value);
  EXPECT_EQ(Reason(CheckTenant(Source("gd"), "PostingService.GetPosting",
                               request, nullptr)),
            GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Names, OwnPostingTest,
    testing::ValuesIn<NameCase>({
        {"Own", "sources/gd/postings/A-1", "OK"},
        {"OwnWhatever", "sources/gd/x", "OK"},
        {"Other", "sources/hb/postings/A-1", "TENANT_DENIED"},
        {"All", "sources/-/postings/A-1", "TENANT_DENIED"},
        {"LongerId", "sources/gd2/postings/A-1", "TENANT_DENIED"},
        {"ShorterId", "sources/g/postings/A-1", "TENANT_DENIED"},
        {"ItselfOnly", "sources/gd", "TENANT_DENIED"},
        {"SlashBefore", "/sources/gd/postings/A-1", "TENANT_DENIED"},
        {"UpperCase", "sources/GD/postings/A-1", "TENANT_DENIED"},
        {"SpaceBefore", " sources/gd/postings/A-1", "TENANT_DENIED"},
        {"Empty", "", "TENANT_DENIED"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(CheckTenantTest, EveryEntryOfABatchIsLookedAt) {
  v1::BatchUpdatePostingsRequest request;
  request.set_parent("sources/gd");
  const auto check = [&] {
    return Reason(CheckTenant(
        Source("gd"), "PostingService.BatchUpdatePostings", request, nullptr));
  };
  EXPECT_EQ(check(), "OK");
  request.add_requests()->mutable_posting()->set_name("sources/gd/postings/1");
  EXPECT_EQ(check(), "OK");
  request.add_requests()->mutable_posting()->set_name("sources/hb/postings/1");
  request.add_requests()->mutable_posting()->set_name("sources/gd/postings/2");
  EXPECT_EQ(check(), "TENANT_DENIED");
  request.mutable_requests(1)->clear_posting();
  EXPECT_EQ(check(), "TENANT_DENIED") << "a name that is not there";
}

TEST(CheckTenantTest, ContentIsOwnByNameSourceAndWhatItRefersTo) {
  v1::UpdateContentRequest request;
  v1::Content& content = *request.mutable_content();
  content.set_name("contents/gd.fair");
  content.set_source("sources/gd");
  const auto check = [&](const std::string& source) {
    return Reason(CheckTenant(Source(source), "ContentService.UpdateContent",
                              request, nullptr));
  };
  EXPECT_EQ(check("gd"), "OK");
  EXPECT_EQ(check("hb"), "TENANT_DENIED");
  EXPECT_EQ(check("gd.fair"), "TENANT_DENIED");
  content.mutable_event()->add_postings("sources/gd/postings/1");
  EXPECT_EQ(check("gd"), "OK");
  content.mutable_event()->add_postings("sources/hb/postings/1");
  EXPECT_EQ(check("gd"), "TENANT_DENIED");
  content.clear_event();
  content.clear_source();
  EXPECT_EQ(check("gd"), "TENANT_DENIED") << "out of the sandbox by its mask";
}

TEST(CheckTenantTest, StaffActInTheirOwnNameForTheirStudents) {
  const IsStudent is_student = [](std::string_view staff,
                                  const std::string& graduate) {
    return staff == "s-1" && graduate == "graduates/g-1";
  };
  v1::RecommendPostingRequest request;
  request.set_staff("staff/s-1");
  request.set_graduate("graduates/g-1");
  const auto check = [&](const std::string& staff) {
    return CheckTenant(Staff(staff), "StaffService.RecommendPosting", request,
                       is_student);
  };
  EXPECT_EQ(Reason(check("s-1")), "OK");
  EXPECT_EQ(Reason(check("s-2")), "TENANT_DENIED");
  request.set_graduate("graduates/g-2");
  const absl::Status other = check("s-1");
  EXPECT_EQ(Reason(other), "TENANT_DENIED");
  request.set_graduate("graduates/none");
  // What is in the details is a map, in any order.
  const absl::Status none = check("s-1");
  EXPECT_EQ(none.code(), other.code()) << "not there is not yours";
  EXPECT_EQ(none.message(), other.message());
  EXPECT_EQ(Reason(none), Reason(other));
}

TEST(CheckTenantTest, ACallerWithoutATenantOwnsNothing) {
  v1::GetSourceRequest request;
  request.set_name("sources/");
  EXPECT_EQ(Reason(CheckTenant(Source(""), "SourceService.GetSource", request,
                               nullptr)),
            "TENANT_DENIED");
}

TEST(CheckRoleTest, ScopesNarrow) {
  Caller caller = Source("gd");
  caller.scopes = {"SourceService", "PostingService.SyncPostings"};
  EXPECT_EQ(Reason(CheckRole(caller, "SourceService.GetSource")), "OK");
  EXPECT_EQ(Reason(CheckRole(caller, "PostingService.SyncPostings")), "OK");
  EXPECT_EQ(Reason(CheckRole(caller, "PostingService.GetPosting")),
            "SCOPE_DENIED");
  // A scope never gives what the role does not have.
  caller.scopes = {"GraduateService"};
  EXPECT_EQ(Reason(CheckRole(caller, "GraduateService.GetGraduate")),
            "PERMISSION_DENIED");
}

TEST(IsScopeOfTest, NamesWhatTheRoleMayCall) {
  EXPECT_TRUE(IsScopeOf(CallerRole::kSource, "PostingService"));
  EXPECT_TRUE(IsScopeOf(CallerRole::kSource, "PostingService.GetPosting"));
  for (const char* bad : {"", "Posting", "PostingService.", "postingservice",
                          "PostingService.Get", "TokenService", "*"}) {
    EXPECT_FALSE(IsScopeOf(CallerRole::kSource, bad)) << bad;
  }
}

}  // namespace
}  // namespace gradmatch
