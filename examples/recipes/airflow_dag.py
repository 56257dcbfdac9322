"""A nightly load in two steps: one submits and returns at once, the other collects, as often as it takes."""

import json
import subprocess
from datetime import datetime, timedelta

from airflow.decorators import dag, task
from airflow.exceptions import AirflowFailException
from airflow.sensors.base import PokeReturnValue

NOT_FINISHED = 5
REJECTS = 3


@dag(schedule="15 2 * * *", start_date=datetime(2026, 1, 1), catchup=False)
def load_accounts():
    @task
    def submit() -> str:
        line = ["sfbulk", "upsert", "Account", "/data/accounts.csv", "-i", "ERP_Id__c", "--async", "--json"]
        done = subprocess.run(line, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout)["run"]

    @task.sensor(poke_interval=300, timeout=timedelta(hours=6).total_seconds(), mode="reschedule")
    def collect(run: str) -> PokeReturnValue:
        done = subprocess.run(["sfbulk", "resume", run, "--wait", "1", "--json"], stdout=subprocess.PIPE, text=True)
        if done.returncode == NOT_FINISHED:
            return PokeReturnValue(is_done=False)
        account = json.loads(done.stdout)
        if done.returncode not in (0, REJECTS):
            raise AirflowFailException(account["error"]["message"])
        return PokeReturnValue(is_done=True, xcom_value=account)

    collect(submit())


load_accounts()
