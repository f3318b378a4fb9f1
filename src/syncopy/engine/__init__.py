"""The one path that runs every analysis: method, plan, task, executors."""
