/* SPDX-License-Identifier: Apache-2.0 */
/* gs1-ai.c: the table of GS1 Application Identifiers, and which ask for or exclude each other.
 *
 * Facts after the GS1 Barcode Syntax Dictionary, release 2026-01-27. Lists of countries,
 * currencies, package types and media, and the length of company prefixes, are not checked:
 * they change more often than this program. */
#include "templates/gs1-ai.h"

#include <string.h>

/* first, last, format, fixed, attribute, needs, excludes, qualifiers */
static const struct gs1_ai table[] = {
    {"00", "00", "N18,csum", true, true, NULL, NULL, ""},
    {"01", "01", "N14,csum", true, true, NULL, "255,37", "22,10,21|235"},
    {"02", "02", "N14,csum", true, true, "37", "01,03", NULL},
    {"03", "03", "N14,csum", true, false, NULL, "01,02,37", NULL},
    {"10", "10", "X..20", false, true, "01,02,03,8006,8026", NULL, NULL},
    {"11", "11", "N6,yymmd0", true, true, "01,02,03,8006,8026", NULL, NULL},
    {"12", "12", "N6,yymmd0", true, true, "8020", NULL, NULL},
    {"13", "13", "N6,yymmd0", true, true, "01,02,03,8006,8026", NULL, NULL},
    {"15", "15", "N6,yymmd0", true, true, "01,02,03,8006,8026", NULL, NULL},
    {"16", "16", "N6,yymmd0", true, true, "01,02,03,8006,8026", NULL, NULL},
    {"17", "17", "N6,yymmd0", true, true, "01,02,03,255,8006,8026", NULL, NULL},
    {"20", "20", "N2", true, true, "01,02,8006,8026", NULL, NULL},
    {"21", "21", "X..20", false, false, "01,03,8006", "235", NULL},
    {"22", "22", "X..20", false, false, "01", NULL, NULL},
    {"235", "235", "X..28", false, false, "01", NULL, NULL},
    {"240", "240", "X..30", false, true, "01,02,8006,8026", NULL, NULL},
    {"241", "241", "X..30", false, true, "01,02,8006,8026", NULL, NULL},
    {"242", "242", "N..6", false, true, "01,02,8006,8026", NULL, NULL},
    {"243", "243", "X..20", false, true, "01", NULL, NULL},
    {"250", "250", "X..30", false, true, "01,8006;21", NULL, NULL},
    {"251", "251", "X..30", false, true, "01,8006", NULL, NULL},
    {"253", "253", "N13,csum [X..17]", false, true, NULL, NULL, ""},
    {"254", "254", "X..20", false, false, "414", NULL, NULL},
    {"255", "255", "N13,csum [N..12]", false, true, NULL, "01,02,415,8006,8020,8026", ""},
    {"30", "30", "N..8", false, true, "01,02", NULL, NULL},
    {"3100", "3105", "N6", true, true, "01,02", "310n", NULL},
    {"3110", "3115", "N6", true, true, "01,02", "311n", NULL},
    {"3120", "3125", "N6", true, true, "01,02", "312n", NULL},
    {"3130", "3135", "N6", true, true, "01,02", "313n", NULL},
    {"3140", "3145", "N6", true, true, "01,02", "314n", NULL},
    {"3150", "3155", "N6", true, true, "01,02", "315n", NULL},
    {"3160", "3165", "N6", true, true, "01,02", "316n", NULL},
    {"3200", "3205", "N6", true, true, "01,02", "320n", NULL},
    {"3210", "3215", "N6", true, true, "01,02", "321n", NULL},
    {"3220", "3225", "N6", true, true, "01,02", "322n", NULL},
    {"3230", "3235", "N6", true, true, "01,02", "323n", NULL},
    {"3240", "3245", "N6", true, true, "01,02", "324n", NULL},
    {"3250", "3255", "N6", true, true, "01,02", "325n", NULL},
    {"3260", "3265", "N6", true, true, "01,02", "326n", NULL},
    {"3270", "3275", "N6", true, true, "01,02", "327n", NULL},
    {"3280", "3285", "N6", true, true, "01,02", "328n", NULL},
    {"3290", "3295", "N6", true, true, "01,02", "329n", NULL},
    {"3300", "3305", "N6", true, true, "00,01", "330n", NULL},
    {"3310", "3315", "N6", true, true, "00,01", "331n", NULL},
    {"3320", "3325", "N6", true, true, "00,01", "332n", NULL},
    {"3330", "3335", "N6", true, true, "00,01", "333n", NULL},
    {"3340", "3345", "N6", true, true, "00,01", "334n", NULL},
    {"3350", "3355", "N6", true, true, "00,01", "335n", NULL},
    {"3360", "3365", "N6", true, true, "00,01", "336n", NULL},
    {"3370", "3375", "N6", true, true, "01", "337n", NULL},
    {"3400", "3405", "N6", true, true, "00,01", "340n", NULL},
    {"3410", "3415", "N6", true, true, "00,01", "341n", NULL},
    {"3420", "3425", "N6", true, true, "00,01", "342n", NULL},
    {"3430", "3435", "N6", true, true, "00,01", "343n", NULL},
    {"3440", "3445", "N6", true, true, "00,01", "344n", NULL},
    {"3450", "3455", "N6", true, true, "00,01", "345n", NULL},
    {"3460", "3465", "N6", true, true, "00,01", "346n", NULL},
    {"3470", "3475", "N6", true, true, "00,01", "347n", NULL},
    {"3480", "3485", "N6", true, true, "00,01", "348n", NULL},
    {"3490", "3495", "N6", true, true, "00,01", "349n", NULL},
    {"3500", "3505", "N6", true, true, "01,02", "350n", NULL},
    {"3510", "3515", "N6", true, true, "01,02", "351n", NULL},
    {"3520", "3525", "N6", true, true, "01,02", "352n", NULL},
    {"3530", "3535", "N6", true, true, "00,01", "353n", NULL},
    {"3540", "3545", "N6", true, true, "00,01", "354n", NULL},
    {"3550", "3555", "N6", true, true, "00,01", "355n", NULL},
    {"3560", "3565", "N6", true, true, "01,02", "356n", NULL},
    {"3570", "3575", "N6", true, true, "01,02", "357n", NULL},
    {"3600", "3605", "N6", true, true, "01,02", "360n", NULL},
    {"3610", "3615", "N6", true, true, "01,02", "361n", NULL},
    {"3620", "3625", "N6", true, true, "00,01", "362n", NULL},
    {"3630", "3635", "N6", true, true, "00,01", "363n", NULL},
    {"3640", "3645", "N6", true, true, "01,02", "364n", NULL},
    {"3650", "3655", "N6", true, true, "01,02", "365n", NULL},
    {"3660", "3665", "N6", true, true, "01,02", "366n", NULL},
    {"3670", "3675", "N6", true, true, "00,01", "367n", NULL},
    {"3680", "3685", "N6", true, true, "00,01", "368n", NULL},
    {"3690", "3695", "N6", true, true, "00,01", "369n", NULL},
    {"37", "37", "N..8", false, true, "00;02,8026", NULL, NULL},
    {"3900", "3909", "N..15", false, true, "255,8020", "390n,391n,394n,8111", NULL},
    {"3910", "3919", "N3 N..15", false, true, "8020", "391n", NULL},
    {"3920", "3929", "N..15", false, true, "01;30,31nn,32nn,35nn,36nn", "392n,393n", NULL},
    {"3930", "3939", "N3 N..15", false, true, "30,31nn,32nn,35nn,36nn", "393n", NULL},
    {"3940", "3943", "N4", false, true, "255", "394n,8111", NULL},
    {"3950", "3955", "N6", false, true, "30,31nn,32nn,35nn,36nn", "392n,393n,395n,8005", NULL},
    {"400", "400", "X..30", false, true, NULL, NULL, NULL},
    {"401", "401", "X..30", false, true, NULL, NULL, ""},
    {"402", "402", "N17,csum", false, true, NULL, NULL, ""},
    {"403", "403", "X..30", false, true, "00", NULL, NULL},
    {"410", "410", "N13,csum", true, true, NULL, NULL, NULL},
    {"411", "411", "N13,csum", true, true, NULL, NULL, NULL},
    {"412", "412", "N13,csum", true, true, NULL, NULL, NULL},
    {"413", "413", "N13,csum", true, true, NULL, NULL, NULL},
    {"414", "414", "N13,csum", true, true, NULL, NULL, "254|7040"},
    {"415", "415", "N13,csum", true, true, "8020", NULL, "8020"},
    {"416", "416", "N13,csum", true, true, NULL, NULL, NULL},
    {"417", "417", "N13,csum", true, true, NULL, NULL, "7040"},
    {"420", "420", "X..20", false, true, NULL, "421", NULL},
    {"421", "421", "N3 X..9", false, true, NULL, "4307", NULL},
    {"422", "422", "N3", false, true, "01,02,8006,8026", "426", NULL},
    {"423", "423", "N3 [N3] [N3] [N3] [N3]", false, true, "01,02", "426", NULL},
    {"424", "424", "N3", false, true, "01,02", "426", NULL},
    {"425", "425", "N3 [N3] [N3] [N3] [N3]", false, true, "01,02", "426", NULL},
    {"426", "426", "N3", false, true, "01,02", NULL, NULL},
    {"427", "427", "X..3", false, true, "01,02;422", NULL, NULL},
    {"4300", "4300", "X..35,pcenc", false, true, "00", NULL, NULL},
    {"4301", "4301", "X..35,pcenc", false, true, "00", NULL, NULL},
    {"4302", "4302", "X..70,pcenc", false, true, "00", NULL, NULL},
    {"4303", "4303", "X..70,pcenc", false, true, "4302", NULL, NULL},
    {"4304", "4304", "X..70,pcenc", false, true, "00", NULL, NULL},
    {"4305", "4305", "X..70,pcenc", false, true, "00", NULL, NULL},
    {"4306", "4306", "X..70,pcenc", false, true, "00", NULL, NULL},
    {"4307", "4307", "X2,iso3166alpha2", false, true, "00", NULL, NULL},
    {"4308", "4308", "X..30", false, true, "00", NULL, NULL},
    {"4309", "4309", "N10,latitude N10,longitude", false, true, "00", NULL, NULL},
    {"4310", "4310", "X..35,pcenc", false, true, "00", NULL, NULL},
    {"4311", "4311", "X..35,pcenc", false, true, "00", NULL, NULL},
    {"4312", "4312", "X..70,pcenc", false, true, "00", NULL, NULL},
    {"4313", "4313", "X..70,pcenc", false, true, "4312", NULL, NULL},
    {"4314", "4314", "X..70,pcenc", false, true, "00", NULL, NULL},
    {"4315", "4315", "X..70,pcenc", false, true, "00", NULL, NULL},
    {"4316", "4316", "X..70,pcenc", false, true, "00", NULL, NULL},
    {"4317", "4317", "X2,iso3166alpha2", false, true, "00", NULL, NULL},
    {"4318", "4318", "X..20", false, true, "00", NULL, NULL},
    {"4319", "4319", "X..30", false, true, "00", NULL, NULL},
    {"4320", "4320", "X..35,pcenc", false, true, "00", NULL, NULL},
    {"4321", "4321", "N1,yesno", false, true, "00", NULL, NULL},
    {"4322", "4322", "N1,yesno", false, true, "00", NULL, NULL},
    {"4323", "4323", "N1,yesno", false, true, "00", NULL, NULL},
    {"4324", "4324", "N6,yymmd0 N4,hhmi", false, true, "00", NULL, NULL},
    {"4325", "4325", "N6,yymmd0 N4,hhmi", false, true, "00", NULL, NULL},
    {"4326", "4326", "N6,yymmdd", false, true, "00", NULL, NULL},
    {"4330", "4330", "N6 [X1],hyphen", false, true, "00", "4331", NULL},
    {"4331", "4331", "N6 [X1],hyphen", false, true, "00", "4330", NULL},
    {"4332", "4332", "N6 [X1],hyphen", false, true, "00", "4333", NULL},
    {"4333", "4333", "N6 [X1],hyphen", false, true, "00", "4332", NULL},
    {"7001", "7001", "N13", false, true, "01,02,8006,8026", NULL, NULL},
    {"7002", "7002", "X..30", false, true, "01,02", NULL, NULL},
    {"7003", "7003", "N6,yymmdd N4,hhmi", false, true, "01,02", NULL, NULL},
    {"7004", "7004", "N..4", false, true, "01+10", NULL, NULL},
    {"7005", "7005", "X..12", false, true, "01,02", NULL, NULL},
    {"7006", "7006", "N6,yymmdd", false, true, "01,02", NULL, NULL},
    {"7007", "7007", "N6,yymmdd [N6],yymmdd", false, true, "01,02", NULL, NULL},
    {"7008", "7008", "X..3", false, true, "01,02", NULL, NULL},
    {"7009", "7009", "X..10", false, true, "01,02", NULL, NULL},
    {"7010", "7010", "X..2", false, true, "01,02", NULL, NULL},
    {"7011", "7011", "N6,yymmdd [N4],hhmi", false, true, "01,02", NULL, NULL},
    {"7020", "7020", "X..20", false, true, "01,8006;416", NULL, NULL},
    {"7021", "7021", "X..20", false, true, "01,8006", NULL, NULL},
    {"7022", "7022", "X..20", false, true, "7021", NULL, NULL},
    {"7023", "7023", "X..30", false, true, NULL, NULL, NULL},
    {"7030", "7030", "N3 X..27", false, true, "01,02", NULL, NULL},
    {"7031", "7031", "N3 X..27", false, true, "01,02", NULL, NULL},
    {"7032", "7032", "N3 X..27", false, true, "01,02", NULL, NULL},
    {"7033", "7033", "N3 X..27", false, true, "01,02", NULL, NULL},
    {"7034", "7034", "N3 X..27", false, true, "01,02", NULL, NULL},
    {"7035", "7035", "N3 X..27", false, true, "01,02", NULL, NULL},
    {"7036", "7036", "N3 X..27", false, true, "01,02", NULL, NULL},
    {"7037", "7037", "N3 X..27", false, true, "01,02", NULL, NULL},
    {"7038", "7038", "N3 X..27", false, true, "01,02", NULL, NULL},
    {"7039", "7039", "N3 X..27", false, true, "01,02", NULL, NULL},
    {"7040", "7040", "N1 X1 X1 X1,importeridx", false, false, NULL, NULL, NULL},
    {"7041", "7041", "X..4", false, false, "00", NULL, NULL},
    {"710", "710", "X..20", false, true, "01", NULL, NULL},
    {"711", "711", "X..20", false, true, "01", NULL, NULL},
    {"712", "712", "X..20", false, true, "01", NULL, NULL},
    {"713", "713", "X..20", false, true, "01", NULL, NULL},
    {"714", "714", "X..20", false, true, "01", NULL, NULL},
    {"715", "715", "X..20", false, true, "01", NULL, NULL},
    {"716", "716", "X..20", false, true, "01", NULL, NULL},
    {"717", "717", "X..20", false, true, "01", NULL, NULL},
    {"7230", "7230", "X2 X..28", false, true, "01,8004", NULL, NULL},
    {"7231", "7231", "X2 X..28", false, true, "01,8004", NULL, NULL},
    {"7232", "7232", "X2 X..28", false, true, "01,8004", NULL, NULL},
    {"7233", "7233", "X2 X..28", false, true, "01,8004", NULL, NULL},
    {"7234", "7234", "X2 X..28", false, true, "01,8004", NULL, NULL},
    {"7235", "7235", "X2 X..28", false, true, "01,8004", NULL, NULL},
    {"7236", "7236", "X2 X..28", false, true, "01,8004", NULL, NULL},
    {"7237", "7237", "X2 X..28", false, true, "01,8004", NULL, NULL},
    {"7238", "7238", "X2 X..28", false, true, "01,8004", NULL, NULL},
    {"7239", "7239", "X2 X..28", false, true, "01,8004", NULL, NULL},
    {"7240", "7240", "X..20", false, true, "01,8006", NULL, NULL},
    {"7241", "7241", "N2", false, true, "8017,8018", NULL, NULL},
    {"7242", "7242", "X..25", false, true, "8017,8018", NULL, NULL},
    {"7250", "7250", "N8,yyyymmdd", false, true, "8018", "7251", NULL},
    {"7251", "7251", "N8,yyyymmdd N4,hhmi", false, true, "8018", "7250", NULL},
    {"7252", "7252", "N1,iso5218", false, true, "8018", NULL, NULL},
    {"7253", "7253", "X..40,pcenc", false, true, "8017,8018", "7256,7259", NULL},
    {"7254", "7254", "X..40,pcenc", false, true, "8017,8018", "7256,7259", NULL},
    {"7255", "7255", "X..10", false, true, "8017,8018", "7256,7259", NULL},
    {"7256", "7256", "X..90,pcenc", false, true, "8017,8018", NULL, NULL},
    {"7257", "7257", "X..70,pcenc", false, true, "8018", NULL, NULL},
    {"7258", "7258", "X3,posinseqslash", false, true, "8018+7259", NULL, NULL},
    {"7259", "7259", "X..40,pcenc", false, true, "8018", "7256", NULL},
    {"8001", "8001", "N4,nonzero N5,nonzero N3,nonzero N1,winding N1", false, true, "01", NULL,
     NULL},
    {"8002", "8002", "X..20", false, true, NULL, NULL, NULL},
    {"8003", "8003", "N1,zero N13,csum [X..16]", false, true, NULL, NULL, ""},
    {"8004", "8004", "X..30", false, true, NULL, NULL, "7040"},
    {"8005", "8005", "N6", false, true, "01,02", NULL, NULL},
    {"8006", "8006", "N14,csum N4,pieceoftotal", false, true, NULL, "01,37", "22,10,21"},
    {"8007", "8007", "X..34,iban", false, true, "415", NULL, NULL},
    {"8008", "8008", "N6,yymmdd N2,hh [N2],mi [N2],ss", false, true, "01,02", NULL, NULL},
    {"8009", "8009", "X..50", false, true, "00,01", NULL, NULL},
    {"8010", "8010", "Y..30", false, true, NULL, NULL, "8011"},
    {"8011", "8011", "N..12,nozeroprefix", false, false, "8010", NULL, NULL},
    {"8012", "8012", "X..20", false, true, "01,8006", NULL, NULL},
    {"8013", "8013", "X..25,csumalpha", false, true, NULL, NULL, ""},
    {"8014", "8014", "X..25,csumalpha,hasnondigit", false, false, "01", NULL, NULL},
    {"8017", "8017", "N18,csum", false, true, NULL, "8018", "8019"},
    {"8018", "8018", "N18,csum", false, true, NULL, "8017", "8019"},
    {"8019", "8019", "N..10", false, false, "8017,8018", NULL, NULL},
    {"8020", "8020", "X..25", false, false, "415", NULL, NULL},
    {"8026", "8026", "N14,csum N4,pieceoftotal", false, true, "37", "02,8006", NULL},
    {"8030", "8030", "Z..90", false, true,
     "00,01+21,253,255,8003,8004,8006+21,8010+8011,8017,8018", NULL, NULL},
    {"8040", "8040", "N15", false, false, "01+21", NULL, NULL},
    {"8041", "8041", "N15", false, false, "01+21+8040", NULL, NULL},
    {"8042", "8042", "N32", false, false, "01+21+8040", NULL, NULL},
    {"8043", "8043", "N18 [N..2]", false, false, "01+21+8040", NULL, NULL},
    {"8110", "8110", "X..70,couponcode", false, true, NULL, NULL, NULL},
    {"8111", "8111", "N4", false, true, "255", NULL, NULL},
    {"8112", "8112", "X..70,couponposoffer", false, true, NULL, NULL, NULL},
    {"8200", "8200", "X..70", false, false, "01", NULL, NULL},
    {"90", "90", "X..30", false, true, NULL, NULL, NULL},
    {"91", "99", "X..90", false, true, NULL, NULL, NULL},
};

#define TABLE_ROWS (sizeof table / sizeof table[0])

const struct gs1_ai *gs1_ai_find(const char *digits, size_t len)
{
    for (size_t i = 0; i < TABLE_ROWS; i++)
        if (strlen(table[i].first) == len && memcmp(digits, table[i].first, len) >= 0 &&
            memcmp(digits, table[i].last, len) <= 0)
            return &table[i];
    return NULL;
}

/* "310n": n stands for any digit. */
static bool matches(const char *pattern, size_t len, const char *digits)
{
    if (strlen(digits) != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (pattern[i] != 'n' && pattern[i] != digits[i])
            return false;
    return true;
}

static const char *present(const char *pattern, size_t len, const char *const *ais,
                           size_t count, const char *except)
{
    for (size_t i = 0; i < count; i++)
        if (matches(pattern, len, ais[i]) && (!except || strcmp(ais[i], except) != 0))
            return ais[i];
    return NULL;
}

/* One alternative: "01+21" wants both. */
static bool all_present(const char *list, size_t len, const char *const *ais, size_t count)
{
    for (const char *at = list, *end = list + len; at < end;) {
        const char *plus = memchr(at, '+', (size_t)(end - at));
        size_t part = (size_t)((plus ? plus : end) - at);
        if (!present(at, part, ais, count, NULL))
            return false;
        at += part + 1;
    }
    return true;
}

bool gs1_ai_needs(const struct gs1_ai *ai, const char *const *ais, size_t count,
                  char missing[static GS1_LIST_SIZE])
{
    for (const char *group = ai->needs; group && *group;) {
        size_t group_len = strcspn(group, ";");
        bool found = false;
        for (size_t at = 0; at < group_len && !found;) {
            size_t len = strcspn(group + at, ",;");
            found = all_present(group + at, len, ais, count);
            at += len + 1;
        }
        if (!found) {
            size_t len = group_len < GS1_LIST_SIZE ? group_len : GS1_LIST_SIZE - 1;
            memcpy(missing, group, len);
            missing[len] = 0;
            return false;
        }
        group += group_len + (group[group_len] == ';');
    }
    return true;
}

const char *gs1_ai_excluded(const struct gs1_ai *ai, const char *digits, const char *const *ais,
                            size_t count)
{
    for (const char *at = ai->excludes; at && *at;) {
        size_t len = strcspn(at, ",");
        /* An AI is not exclusive of itself, even where it matches the pattern. */
        const char *found = present(at, len, ais, count, digits);
        if (found)
            return found;
        at += len + (at[len] == ',');
    }
    return NULL;
}
